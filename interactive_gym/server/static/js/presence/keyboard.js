/**
 * Turns pressed keys into the participant's action.
 *
 * Keys have the names of `KeyboardEvent.key`, so "w" is the key with the W printed on it in the
 * participant's layout. A layout without Latin letters has no such key, and an input method takes
 * the letters for itself: then "w" is the key in the place of the W.
 */

/** @import { InputMode, KeyCombination } from "../types.js" */

/** Keys that scroll the page, which they must not do during a game. */
const SCROLLING = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", " ", "PageUp", "PageDown"];

/**
 * Makes letters the same with and without Shift or Caps Lock.
 * @param {string} key
 */
function normalized(key) {
  return key.length === 1 ? key.toLowerCase() : key;
}

/** What a key is called that an input method or a dead key takes for itself. */
const TAKEN = ["Process", "Unidentified", "Dead"];
/** What a key of another script gives, such as "ц", or two letters at once. */
const OTHER_SCRIPT = /^[^\p{ASCII}\p{Script=Latin}]+$/u;
/** The places of letters and digits. */
const PLACE = /^(?:Key|Digit)([A-Z0-9])$/;

/**
 * The name of a key: what it gives, or its place where it gives nothing of the Latin script.
 * @param {Pick<KeyboardEvent, "key" | "code">} event
 */
export function nameOf({ key, code }) {
  const place = PLACE.exec(code);
  if (place && (TAKEN.includes(key) || OTHER_SCRIPT.test(key))) return place[1].toLowerCase();
  return normalized(key);
}

/**
 * All keys of a mapping.
 * @param {KeyCombination[]} mapping
 */
export function keysOf(mapping) {
  return new Set(mapping.flatMap(({ keys }) => keys.map(normalized)));
}

/**
 * What a pressed key counts as beside these keys: what it gives, if that is one of them, else its
 * name.
 * @param {Pick<KeyboardEvent, "key" | "code">} event
 * @param {Set<string>} keys
 */
export function keyOf(event, keys) {
  const given = normalized(event.key);
  return keys.has(given) ? given : nameOf(event);
}

/**
 * The action of the longest combination whose keys are all pressed; among equally long ones, that
 * with the key pressed last. So of several held keys the newest counts, and once it is released,
 * the one before it.
 * @param {Iterable<string>} pressed in the order in which the keys were pressed
 * @param {KeyCombination[]} mapping
 * @param {number} defaultAction
 * @returns {number}
 */
export function actionFor(pressed, mapping, defaultAction) {
  const keys = [...pressed];
  /** @type {number[]} */
  let bestTurns = [];
  let action = defaultAction;
  for (const combination of mapping) {
    // The turns at which its keys were pressed, the latest first.
    const turns = combination.keys.map((key) => keys.lastIndexOf(normalized(key)));
    turns.sort((a, b) => b - a);
    if (turns.at(-1) === -1 || !isBetter(turns, bestTurns)) continue;
    bestTurns = turns;
    action = combination.action;
  }
  return action;
}

/** @param {number[]} turns @param {number[]} others */
function isBetter(turns, others) {
  if (turns.length !== others.length) return turns.length > others.length;
  const differing = turns.findIndex((turn, i) => turn !== others[i]);
  return differing >= 0 && turns[differing] > others[differing];
}

export class Keyboard {
  #mapping;
  #defaultAction;
  #mode;
  #onAction;
  #mappedKeys;
  #listeners = new AbortController();
  /**
   * Pressed keys in order, by their place on the keyboard, which Shift does not change.
   * @type {Map<string, string>}
   */
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
    this.#mappedKeys = keysOf(mapping);
    const { signal } = this.#listeners;
    window.addEventListener("keydown", (event) => this.#onKeyDown(event), { signal });
    window.addEventListener("keyup", (event) => this.#onKeyUp(event), { signal });
    window.addEventListener("blur", () => this.release(), { signal });
  }

  /** The action of the keys pressed now. */
  get action() {
    return this.#action;
  }

  /** Count every key as released, as a page without the focus is not told of releases. */
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
    const key = keyOf(event, this.#mappedKeys);
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
    // A keystroke is one action, and the default action follows at once.
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
