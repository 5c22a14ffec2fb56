/**
 * Tells the participant if this browser lacks what the page needs; main.js then does nothing.
 * A classic script in old syntax, so that it runs where modules do not load.
 */
(function () {
  var script = /** @type {HTMLScriptElement | null} */ (document.currentScript);

  /** @returns {boolean} */
  function hasModuleWorkers() {
    var supported = false;
    // The policy of the page allows Workers of the server's own files only.
    var url = String(script && script.src).replace(/support\.js.*$/, "timer_worker.js");
    var options = {
      get type() {
        supported = true;
        return /** @type {WorkerType} */ ("module");
      },
    };
    try {
      new Worker(url, options).terminate();
    } catch (error) {
      supported = false;
    }
    return supported;
  }

  /** @param {string} name @returns {boolean} */
  function isNotWebRtc(name) {
    return name !== "WebRTC";
  }

  var missing = [];
  if (typeof RTCPeerConnection === "undefined") missing.push("WebRTC");
  if (typeof WebAssembly === "undefined") missing.push("WebAssembly");
  if (typeof Worker === "undefined" || !hasModuleWorkers()) missing.push("module workers");
  if (missing.length === 0) return;

  // A study that checks devices finds out what follows, and leads the participant back.
  var bootstrap = document.getElementById("bootstrap");
  var told = JSON.parse((bootstrap && bootstrap.textContent) || "{}");
  if (told.checks_devices && missing.indexOf("module workers") < 0) {
    document.body.setAttribute("data-missing", missing.filter(isNotWebRtc).join(","));
    return;
  }

  document.body.setAttribute("data-phase", "error");
  var header = document.getElementById("page-header");
  var body = document.getElementById("page-body");
  if (header) header.textContent = "This browser cannot run the study";
  if (body) {
    body.textContent =
      "It lacks or has switched off: " +
      missing.join(", ") +
      ". Please open this page in a current version of Chrome, Edge or Firefox on a computer. " +
      "Some privacy extensions switch these features off; pausing them for this page helps too.";
  }
  var loader = document.getElementById("loader");
  if (loader) loader.hidden = true;
})();
