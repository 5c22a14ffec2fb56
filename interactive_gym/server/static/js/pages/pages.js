/** Pages of text and buttons: scenes, messages, loading. */

import { actionButton, byId, showSection } from "./dom.js";

/**
 * @typedef {object} Page
 * @property {string} header
 * @property {string} [subheader]
 * @property {string} [bodyHtml] HTML written by the researcher
 * @property {string} [text] plain text, instead of HTML
 * @property {HTMLElement[]} [actions] buttons and links
 * @property {HTMLElement} [extra] shown between body and actions
 * @property {boolean} [loader] whether the progress of loading is shown
 */

/** @param {Page} page */
export function showPage({ header, subheader, bodyHtml, text, actions, extra, loader }) {
  byId("page-header").textContent = header;
  const sub = byId("page-subheader");
  sub.textContent = subheader ?? "";
  sub.hidden = !subheader;
  const body = byId("page-body");
  if (bodyHtml !== undefined) body.innerHTML = bodyHtml;
  else body.textContent = text ?? "";
  byId("page-extra").replaceChildren(...(extra ? [extra] : []));
  showNote("");
  /** @type {HTMLFormElement} */ (byId("page-form")).onsubmit = (event) => event.preventDefault();
  byId("page-actions").replaceChildren(...(actions ?? []));
  byId("loader").hidden = !loader;
  showSection("page");
}

/**
 * Show a line above the page's buttons.
 * @param {string} text empty to take it away
 */
export function showNote(text) {
  byId("page-note").textContent = text;
}

/**
 * Show how far loading has got. It is visible only on a page with a loader.
 * @param {number} fraction
 * @param {string} label
 */
export function showProgress(fraction, label) {
  const bar = /** @type {HTMLProgressElement} */ (byId("loader-bar"));
  bar.value = fraction;
  byId("loader-label").textContent = label;
  byId("loader").dataset.done = String(fraction >= 1);
}

/**
 * The page for a participant who wants to play before everything is loaded.
 * @param {boolean} isReturning whether the game has already begun
 */
export function showLoading(isReturning) {
  const header = isReturning ? "Returning to your game…" : "Preparing the game";
  const text = isReturning
    ? "Your place is kept for a moment. You do not need to do anything."
    : "This happens once and may take a moment on a slow connection. " +
      "You do not need to do anything.";
  showPage({ header, text, loader: true });
}

/**
 * @param {string} message for the researcher
 * @param {boolean} isOfTheGame whether the game itself failed, whatever the connection
 */
export function showLoadingFailed(message, isOfTheGame) {
  const header = isOfTheGame ? "The game does not start" : "The game could not be loaded";
  const text = isOfTheGame
    ? "There is a technical problem with the game. It is not your fault, and your connection is " +
      "in order. Please tell the researcher what is written below."
    : "Please check your internet connection and try again. If it happens again, tell the " +
      "researcher what is written below.";
  showTryAgain(header, text, message);
}

/** @param {string} fault for the researcher */
export function showUnreachable(fault) {
  const header = "The study cannot be reached";
  const text =
    "This page keeps trying, and goes on by itself. You can also try again with the button. If " +
    "that does not help, a virus scanner or your network may be in the way: another browser or " +
    "network may work. The researcher can make use of what is written below.";
  showTryAgain(header, text, fault);
}

/**
 * The page for a participant whose game is over while the server cannot be reached.
 * @param {string} code by which the researchers find them
 */
export function showUnsaved(code) {
  const header = "Your game could not be saved yet";
  const text =
    "The study cannot be reached at the moment. Your game is kept in this browser and is saved " +
    "as soon as the study can be reached again: please keep this page open if you can, and it " +
    "goes on by itself. If you have to leave, use the code below, and open the link of the study " +
    "once more later in this browser, so that your game is not lost.";
  showPage({ header, text, extra: completionCode(code) });
}

/**
 * @param {string} header
 * @param {string} text
 * @param {string} fault
 */
function showTryAgain(header, text, fault) {
  const detail = document.createElement("code");
  detail.className = "detail";
  detail.textContent = fault;
  const button = actionButton("Try again", null, () => location.reload());
  showPage({ header, text, extra: detail, actions: [button] });
}

/**
 * A completion code in large type, with a button that copies it.
 * @param {string} code
 */
export function completionCode(code) {
  const box = document.createElement("div");
  box.className = "code";
  const value = document.createElement("output");
  value.className = "code-value";
  value.textContent = code;
  const told = document.createElement("span");
  told.className = "code-told";
  told.setAttribute("role", "status");
  const button = actionButton("Copy the code", null, async () => {
    told.textContent = (await copyText(value)) ? "Copied" : "Please select the code and copy it";
  });
  button.className = "secondary";
  box.append(value, button, told);
  return box;
}

/**
 * Copy an element's text, even if the page is no secure context and has no clipboard API.
 * @param {HTMLElement} element
 * @returns {Promise<boolean>} whether it worked
 */
async function copyText(element) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(element.textContent ?? "");
      return true;
    } catch {
      // The clipboard API is not allowed here, but copying the selection may be.
    }
  }
  getSelection()?.selectAllChildren(element);
  return document.execCommand("copy");
}

/**
 * Show a line at the top of the page, above all else.
 * @param {string} text empty to hide it
 */
export function showBanner(text) {
  const banner = byId("banner");
  banner.textContent = text;
  banner.hidden = !text;
}
