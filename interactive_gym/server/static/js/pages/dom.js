/** DOM helpers that all views share. */

/**
 * The element of index.html with this id.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element with the id ${id}`);
  return /** @type {T} */ (element);
}

const SECTIONS = ["page", "waitroom", "game"];

/**
 * Show one of the page's sections, hide the others and focus its heading.
 * @param {"page"|"waitroom"|"game"} id
 */
export function showSection(id) {
  for (const section of SECTIONS) byId(section).hidden = section !== id;
  window.scrollTo(0, 0);
  const heading = byId(id).querySelector("h1");
  heading?.focus({ preventScroll: true });
}

/**
 * @param {string} label
 * @param {"advance"|"join"|null} action value of `data-action`
 * @param {() => void} onClick
 * @returns {HTMLButtonElement}
 */
export function actionButton(label, action, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  if (action) button.dataset.action = action;
  button.addEventListener("click", onClick);
  return button;
}

/**
 * A link that looks like a button.
 * @param {string} label
 * @param {string} url
 * @returns {HTMLAnchorElement}
 */
export function actionLink(label, url) {
  const link = document.createElement("a");
  link.className = "button";
  link.href = url;
  link.textContent = label;
  return link;
}

/**
 * The button that sends the page's form, also by the Enter key.
 * @param {string} label
 * @returns {HTMLButtonElement}
 */
export function sendButton(label) {
  const button = document.createElement("button");
  button.type = "submit";
  button.textContent = label;
  button.dataset.action = "advance";
  return button;
}
