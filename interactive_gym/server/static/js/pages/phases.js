/**
 * The page's phase: one value, one setter, readable from outside as `<body data-phase>`.
 * Never decides when to change; the session does.
 */

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
 * Have the title say something more urgent than the phase.
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
