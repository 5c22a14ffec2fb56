/**
 * Sentences about partners, written for one partner and read in groups of any size.
 * Pure; knows only the wordings in use.
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
