/**
 * Words that participants read and that depend on numbers: durations, rounds, sizes of groups.
 */

/**
 * The text as it reads in a group of this size: "your partner" becomes "your partners".
 * @param {string} text
 * @param {number} groupSize participants, oneself included
 */
export function forGroup(text, groupSize) {
  if (groupSize <= 2) return text;
  return text.replace(/\ba partner\b/, "partners").replace(/\bpartner\b/, "partners");
}

/**
 * "2 minutes" for 120 000 ms, "45 seconds" for 45 000 ms, rounded up.
 * @param {number} milliseconds
 */
export function inWords(milliseconds) {
  if (milliseconds < 60_000) return `${Math.ceil(milliseconds / 1000)} seconds`;
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

/**
 * "1:05" for 65 000 ms.
 * @param {number} milliseconds
 */
export function minutesAndSeconds(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * "Round 2 of 3" for the second of three episodes; empty where there is only one.
 * @param {number} episode counted from 0
 * @param {number} numEpisodes
 */
export function roundOf(episode, numEpisodes) {
  return numEpisodes > 1 ? `Round ${episode + 1} of ${numEpisodes}` : "";
}

/**
 * What the participant plays: the agent's name, or "player 1" where the name is a bare number.
 * @param {string | number} agent
 * @param {number} seat
 */
export function playerName(agent, seat) {
  return /^\d*$/.test(String(agent)) ? `player ${seat + 1}` : String(agent);
}
