/**
 * The keys of a game as key caps, for games whose researcher explains none.
 * Reads the action mapping alone; what a key does is the researcher's to say.
 */

/** @import { KeyCombination } from "./types.js" */

/** What is printed on keys whose names are none. */
const CAPS = new Map([
  ["ArrowLeft", "←"],
  ["ArrowUp", "↑"],
  ["ArrowDown", "↓"],
  ["ArrowRight", "→"],
  [" ", "Space"],
  ["Escape", "Esc"],
]);
/** In this order the arrows are read; other keys follow as they are mapped. */
const ARROWS = ["ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"];

/**
 * The inscriptions of all keys that do something, each once.
 * @param {KeyCombination[]} mapping
 * @returns {string[]}
 */
export function keyCaps(mapping) {
  const keys = new Set(mapping.flatMap(({ keys }) => keys));
  const arrows = ARROWS.filter((key) => keys.has(key));
  const others = [...keys].filter((key) => !ARROWS.includes(key));
  const caps = [...arrows, ...others].map(
    (key) => CAPS.get(key) ?? (key.length === 1 ? key.toUpperCase() : key),
  );
  return [...new Set(caps)];
}

/**
 * A line with the keys.
 * @param {KeyCombination[]} mapping
 * @returns {HTMLElement}
 */
export function keyLegend(mapping) {
  const line = document.createElement("p");
  line.className = "key-legend";
  line.append("Keys:");
  for (const cap of keyCaps(mapping)) {
    const key = document.createElement("kbd");
    key.textContent = cap;
    line.append(" ", key);
  }
  return line;
}
