/** The message that covers the game's picture: a countdown, a pause, a farewell. */

import { byId } from "../pages/dom.js";

/**
 * @typedef {object} Message
 * @property {string} text
 * @property {string} [big] shown large above it, such as a countdown's number
 * @property {string} [detail] shown small below it
 * @property {number} [fraction] of a progress bar, from 0 to 1
 */

export class Overlay {
  #element = byId("overlay");
  #bar = /** @type {HTMLProgressElement} */ (byId("overlay-bar"));

  /** @param {Message} message */
  show({ text, big = "", detail = "", fraction }) {
    setText("overlay-big", big);
    setText("overlay-text", text);
    setText("overlay-detail", detail);
    this.#bar.hidden = fraction === undefined;
    this.#bar.value = fraction ?? 0;
    this.#element.hidden = false;
  }

  hide() {
    this.#element.hidden = true;
  }
}

/**
 * Set a text if it differs, as screen readers read every change aloud.
 * @param {string} id
 * @param {string} text
 */
function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
