/**
 * Says what is wrong if the page cannot start: a file that is missing, broken or very late. Until
 * it runs itself, the page's own HTML says after a while that loading takes long.
 * A classic script in old syntax, so that it runs where modules do not load.
 */
(function () {
  /** After this time loading takes long. */
  var LATE_MS = 15000;
  var script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  var folder = String(script && script.src).replace(/static\/js\/load_watch\.js.*$/, "");
  var hasFailed = false;

  /** @returns {boolean} whether main.js has done all it needs files for */
  function hasStarted() {
    return document.body.getAttribute("data-started") === "true";
  }

  /** @param {string} reason for the server's log */
  function report(reason) {
    try {
      var bootstrap = JSON.parse(String(/** @type {HTMLElement} */ (byId("bootstrap")).textContent));
      var request = new XMLHttpRequest();
      request.open("POST", folder + "load_failures");
      request.send(
        JSON.stringify({
          token: bootstrap.token,
          resource: "page",
          reason: reason.slice(0, 500),
        }),
      );
    } catch (error) {
      // Then there is nobody to tell but the participant.
    }
  }

  /** @param {string} id */
  function byId(id) {
    return document.getElementById(id);
  }

  /**
   * An element of index.html, or one in its place where the page has not come so far.
   * @param {string} id
   * @param {string} tag
   * @returns {HTMLElement}
   */
  function partOfPage(id, tag) {
    var part = byId(id);
    if (!part) {
      part = document.createElement(tag);
      part.id = id;
      document.body.appendChild(part);
    }
    return part;
  }

  /**
   * @param {string} header
   * @param {string} text
   * @param {string} reason
   */
  function show(header, text, reason) {
    partOfPage("page-header", "h1").textContent = header;
    partOfPage("page-body", "p").textContent = text;
    partOfPage("page-extra", "div").textContent = "";
    partOfPage("page-actions", "div").textContent = "";
    var detail = document.createElement("code");
    detail.className = "detail";
    detail.textContent = reason;
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "Try again";
    button.onclick = function () {
      location.reload();
    };
    partOfPage("page-extra", "div").appendChild(detail);
    partOfPage("page-actions", "div").appendChild(button);
  }

  /** @param {string} reason */
  function fail(reason) {
    if (hasFailed || hasStarted()) return;
    hasFailed = true;
    document.body.setAttribute("data-phase", "error");
    show(
      "The study could not be loaded",
      "Please check your internet connection and try again. If it happens again, another browser " +
        "or network may help: some networks and virus scanners block parts of pages.",
      reason,
    );
    report(reason);
  }

  /** @param {string} url @returns {string} the part that names the file, without a query */
  function nameOf(url) {
    return url.replace(/[?#].*$/, "").replace(folder, "");
  }

  /** @returns {string} the name of a style sheet that has not come, or "" */
  function missingStyle() {
    var links = document.querySelectorAll("link[rel=stylesheet]");
    for (var i = 0; i < links.length; i++) {
      var link = /** @type {HTMLLinkElement} */ (links[i]);
      if (!link.sheet) return nameOf(link.href);
    }
    return "";
  }

  function onLate() {
    if (hasFailed || hasStarted()) return;
    var style = missingStyle();
    var reason = "not loaded after " + LATE_MS / 1000 + " seconds";
    if (style) {
      // The rest of the page waits for it, and is not wanted any more.
      window.stop();
      fail(style + ": " + reason);
      return;
    }
    show(
      "Loading takes long",
      "Your connection may be slow. Please wait a little, or try again.",
      "The page was " + reason + ".",
    );
    report("the page was " + reason);
  }

  addEventListener(
    "error",
    function (event) {
      var target = /** @type {any} */ (event.target);
      if (target === window) {
        fail(/** @type {ErrorEvent} */ (event).message || "unknown error");
      } else if (target.tagName === "SCRIPT") {
        fail(nameOf(target.src) + ", or a file that it needs, could not be loaded");
      } else if (target.tagName === "LINK" && target.rel === "stylesheet") {
        fail(nameOf(target.href) + " could not be loaded");
      }
    },
    true,
  );
  addEventListener("unhandledrejection", function (event) {
    fail(String((event.reason && event.reason.message) || event.reason));
  });
  setTimeout(onLate, LATE_MS);

  var late = byId("late");
  if (late && late.parentNode) late.parentNode.removeChild(late);
})();
