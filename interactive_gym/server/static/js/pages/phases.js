/** The page's phase, which can be read from outside as `<body data-phase>`. */

/** @import { Phase } from "../types.js" */

const TITLES = /** @type {Partial<Record<Phase, string>>} */ ({
  waiting: "Waiting to play",
  probing: "Checking the connection",
  starting: "Your game is starting",
  paused: "The game is paused",
});

const ownTitle = document.title;

/** @returns {Phase} */
export function currentPhase() {
  return /** @type {Phase} */ (document.body.dataset.phase);
}

/**
 * Set the phase. The document's title follows, so that a participant in another tab notices.
 * @param {Phase} phase
 */
export function setPhase(phase) {
  if (phase === currentPhase()) return;
  document.body.dataset.phase = phase;
  showTitle();
}

/**
 * Show something more urgent than the phase in the document's title.
 * @param {string} text empty to take it away
 */
export function setTitleNotice(text) {
  document.body.dataset.notice = text;
  showTitle();
}

function showTitle() {
  const title = document.body.dataset.notice || TITLES[currentPhase()];
  document.title = title ? `${title} – ${ownTitle}` : ownTitle;
}
