/**
 * Turns keys into the participant's action.
 * Knows the action mapping alone; what becomes of an action is its caller's affair.
 */

/** @import { InputMode, KeyCombination } from "./types.js" */

/** Keys that would scroll the page; while playing they never do. */
const SCROLLING = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", " ", "PageUp", "PageDown"];

/**
 * Letters count the same with and without Shift or Caps Lock.
 * @param {string} key
 */
function normalized(key) {
  return key.length === 1 ? key.toLowerCase() : key;
}

/**
 * The action of the longest combination whose keys are all pressed; of equally long ones the first.
 * @param {Iterable<string>} pressed
 * @param {KeyCombination[]} mapping
 * @param {number} defaultAction
 * @returns {number}
 */
export function actionFor(pressed, mapping, defaultAction) {
  const keys = new Set(pressed);
  /** @type {KeyCombination | null} */
  let best = null;
  for (const combination of mapping) {
    const matches = combination.keys.every((key) => keys.has(normalized(key)));
    if (matches && (!best || combination.keys.length > best.keys.length)) best = combination;
  }
  return best ? best.action : defaultAction;
}

export class Keyboard {
  #mapping;
  #defaultAction;
  #mode;
  #onAction;
  #mappedKeys;
  #listeners = new AbortController();
  /** Pressed keys by their place on the keyboard, which Shift does not change. @type {Map<string, string>} */
  #pressed = new Map();
  #action;

  /**
   * @param {KeyCombination[]} mapping
   * @param {number} defaultAction
   * @param {InputMode} mode
   * @param {(action: number) => void} onAction
   */
  constructor(mapping, defaultAction, mode, onAction) {
    this.#mapping = mapping;
    this.#defaultAction = defaultAction;
    this.#action = defaultAction;
    this.#mode = mode;
    this.#onAction = onAction;
    this.#mappedKeys = new Set(mapping.flatMap(({ keys }) => keys.map(normalized)));
    const { signal } = this.#listeners;
    window.addEventListener("keydown", (event) => this.#onKeyDown(event), { signal });
    window.addEventListener("keyup", (event) => this.#onKeyUp(event), { signal });
    window.addEventListener("blur", () => this.release(), { signal });
  }

  /** The action of the keys pressed now. */
  get action() {
    return this.#action;
  }

  /** Count every key as released: the page does not hear of it while another has the focus. */
  release() {
    this.#pressed.clear();
    this.#update();
  }

  close() {
    this.#listeners.abort();
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = normalized(event.key);
    if (!this.#mappedKeys.has(key)) {
      if (SCROLLING.includes(key)) event.preventDefault();
      return;
    }
    event.preventDefault();
    if (event.repeat) return;
    this.#pressed.set(event.code || key, key);
    if (this.#mode === "pressed_keys") {
      this.#update();
      return;
    }
    // One keystroke, one action: the neutral one follows at once.
    const action = actionFor(this.#pressed.values(), this.#mapping, this.#defaultAction);
    this.#onAction(action);
    this.#onAction(this.#defaultAction);
  }

  /** @param {KeyboardEvent} event */
  #onKeyUp(event) {
    this.#pressed.delete(event.code || normalized(event.key));
    if (this.#mode === "pressed_keys") this.#update();
  }

  #update() {
    const action =
      this.#mode === "pressed_keys"
        ? actionFor(this.#pressed.values(), this.#mapping, this.#defaultAction)
        : this.#defaultAction;
    if (action === this.#action) return;
    this.#action = action;
    this.#onAction(action);
  }
}
