/**
 * Tells a participant to click the game while their keys do not reach the page, for instance
 * because it is a frame in another page.
 */

export class FocusHint {
  #element;
  #listeners = new AbortController();

  /** @param {HTMLElement} element shown while the page is visible and has no keyboard focus */
  constructor(element) {
    this.#element = element;
    const { signal } = this.#listeners;
    window.addEventListener("focus", () => this.#show(false), { signal });
    window.addEventListener("blur", () => this.#show(true), { signal });
    this.#show(!document.hasFocus());
  }

  close() {
    this.#listeners.abort();
    this.#show(false);
  }

  /** @param {boolean} isNeeded */
  #show(isNeeded) {
    this.#element.hidden = !isNeeded;
  }
}
