/** The keys of a game as key caps, with the names that the researcher gave their actions. */

/** @import { KeyCombination } from "../types.js" */

/** What is printed on keys that have longer names. */
const CAPS = new Map([
  ["ArrowLeft", "←"],
  ["ArrowUp", "↑"],
  ["ArrowDown", "↓"],
  ["ArrowRight", "→"],
  [" ", "Space"],
  ["Escape", "Esc"],
]);
/** The order in which arrows are shown. */
const ARROWS = ["ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"];

/** @param {string} key */
function capOf(key) {
  return CAPS.get(key) ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** Arrows first, then the others as they are given. @param {string[]} keys */
function inOrder(keys) {
  const others = keys.filter((key) => !ARROWS.includes(key));
  return [...ARROWS.filter((arrow) => keys.includes(arrow)), ...others];
}

/**
 * The entries of the line: the combinations of each named action, or one entry with all keys.
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
 * The line that shows the keys.
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
