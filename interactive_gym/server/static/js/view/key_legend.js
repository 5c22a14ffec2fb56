/**
 * The keys of a game as key caps, with what they do where the researcher has named it.
 * Reads the action mapping alone, not the keyboard.
 */

/** @import { KeyCombination } from "../types.js" */

/** What is printed on keys whose names are none. */
const CAPS = new Map([
  ["ArrowLeft", "←"],
  ["ArrowUp", "↑"],
  ["ArrowDown", "↓"],
  ["ArrowRight", "→"],
  [" ", "Space"],
  ["Escape", "Esc"],
]);
/** In this order the arrows are read. */
const ARROWS = ["ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"];

/** @param {string} key */
function capOf(key) {
  return CAPS.get(key) ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** Arrows first, then as they are given. @param {string[]} keys */
function inOrder(keys) {
  const others = keys.filter((key) => !ARROWS.includes(key));
  return [...ARROWS.filter((arrow) => keys.includes(arrow)), ...others];
}

/**
 * What is on the line: of each named action its combinations of caps, or all keys in one entry.
 * @param {KeyCombination[]} mapping
 * @param {(string | null)[]} labels of the actions
 * @returns {{label: string, combinations: string[][]}[]}
 */
export function legendEntries(mapping, labels) {
  if (labels.every((label) => label === null)) {
    const caps = inOrder([...new Set(mapping.flatMap(({ keys }) => keys))]).map(capOf);
    return [{ label: "Keys", combinations: [...new Set(caps)].map((cap) => [cap]) }];
  }
  return labels.flatMap((label, action) => {
    if (label === null) return [];
    const combinations = mapping.filter((combination) => combination.action === action);
    return [{ label, combinations: combinations.map(({ keys }) => inOrder(keys).map(capOf)) }];
  });
}

/**
 * A line with the keys.
 * @param {KeyCombination[]} mapping
 * @param {(string | null)[]} labels of the actions
 * @returns {HTMLElement}
 */
export function keyLegend(mapping, labels) {
  const list = document.createElement("ul");
  list.className = "key-legend";
  for (const { label, combinations } of legendEntries(mapping, labels)) {
    const entry = document.createElement("li");
    for (const caps of combinations) {
      caps.forEach((cap, i) => {
        const key = document.createElement("kbd");
        key.textContent = cap;
        entry.append(i === 0 ? "" : "+", key, " ");
      });
    }
    entry.append(label);
    list.append(entry);
  }
  return list;
}
