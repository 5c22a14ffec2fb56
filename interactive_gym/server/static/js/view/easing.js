/**
 * Eases the picture into a rollback's correction, so that a wrong prediction is not seen as a jerk.
 * Pure: it is given the time in ms, and changes only where shapes are drawn.
 *
 * A corrected shape is first drawn where it was seen. Its offset from its true place then decays
 * exponentially, as in Glenn Fiedler's "State Synchronization" (Gaffer On Games, 2015). This needs
 * no memory of when a correction was, so any number of them add up. Only shapes that a correction
 * moved are eased. A participant's own shape is predicted without error and follows the keys.
 */

import { displaced, keyOf, movingShapes, placeOf } from "./shapes.js";

/** @import { DrawCommand } from "../types.js" */
/** @import { Point } from "./shapes.js" */

/** The share of an offset that is left after the time of smoothing. */
const REMAINDER = 0.05;
/** A smaller offset is dropped, in pixels of the environment. */
const UNSEEN = 0.05;

export class CorrectionEasing {
  #smoothingMs;
  #maxOffset;
  /** By shape, at the time `#asOfMs`. @type {Map<string, Point>} */
  #offsets = new Map();
  #asOfMs = 0;

  /**
   * @param {number} smoothingMs in which an offset fades to a twentieth; 0 for no easing
   * @param {number} maxOffset a shape with a larger offset is shown in its true place at once
   */
  constructor(smoothingMs, maxOffset) {
    this.#smoothingMs = smoothingMs;
    this.#maxOffset = maxOffset;
  }

  get isSettled() {
    return this.#offsets.size === 0;
  }

  /**
   * A rollback has corrected the frame that was shown last.
   * @param {DrawCommand[]} predicted the frame as it was shown
   * @param {DrawCommand[]} corrected the frame as it should have been
   * @param {number} nowMs
   */
  correct(predicted, corrected, nowMs) {
    if (this.#smoothingMs === 0) return;
    this.#fade(nowMs);
    const seen = movingShapes(predicted);
    for (const [key, shape] of movingShapes(corrected)) {
      const before = seen.get(key);
      if (!before) continue;
      const [seenX, seenY] = placeOf(before);
      const [x, y] = placeOf(shape);
      const [dx, dy] = this.#offsets.get(key) ?? [0, 0];
      this.#set(key, [dx + seenX - x, dy + seenY - y]);
    }
  }

  /** Show every shape in its true place. */
  clear() {
    this.#offsets.clear();
  }

  /**
   * The picture to be shown now.
   * @param {DrawCommand[]} commands
   * @param {number} nowMs
   * @returns {DrawCommand[]}
   */
  apply(commands, nowMs) {
    this.#fade(nowMs);
    if (this.isSettled) return commands;
    return commands.map((command) => {
      const offset = command.id === undefined ? undefined : this.#offsets.get(keyOf(command));
      return offset ? displaced(command, offset) : command;
    });
  }

  /** @param {number} nowMs */
  #fade(nowMs) {
    const elapsedMs = Math.max(0, nowMs - this.#asOfMs);
    this.#asOfMs = Math.max(this.#asOfMs, nowMs);
    if (elapsedMs === 0) return;
    const rest = REMAINDER ** (elapsedMs / this.#smoothingMs);
    for (const [key, [dx, dy]] of this.#offsets) this.#set(key, [dx * rest, dy * rest]);
  }

  /** @param {string} key @param {Point} offset */
  #set(key, offset) {
    const distance = Math.hypot(...offset);
    if (distance < UNSEEN || distance > this.#maxOffset) this.#offsets.delete(key);
    else this.#offsets.set(key, offset);
  }
}
