/**
 * The picture between two frames, for screens that repaint more often than the game ticks.
 * Pure: it is told when frames come and when pictures are painted.
 *
 * Shapes are interpolated from the last frame to the newest. Extrapolation would save the delay,
 * but at every turn it draws what never was: a ball inside the floor, a cook inside a counter.
 *
 * The delay is the least that gives even steps: the newest frame is shown in full at its last
 * repaint before the next frame comes. At 30 frames and 60 repaints a second, the first repaint
 * shows half of a motion and the second all of it. So a key has an effect in the same repaint as
 * without interpolation, and the full motion is seen half a frame later. With one repaint a frame
 * there is no delay. A shape without an id is always shown as in the newest frame.
 */

import { keyOf, movingShapes, placeOf } from "./shapes.js";

/** @import { DrawCommand } from "../types.js" */

/** The numbers of a shape that are interpolated. Colours, texts and sprites are not. */
const NUMBERS = /** @type {const} */ ([
  ...["x", "y", "width", "height", "radius", "radius_x", "radius_y", "start", "end"],
  ...["size", "alpha", "stroke_width"],
]);
/** How fast the lead grows, per frame. It shrinks at once: too large a lead makes uneven steps. */
const LEAD_GAIN = 0.1;

export class Interpolation {
  #frameMs;
  #maxStep;
  /** @type {DrawCommand[]} */
  #newest = [];
  /** The earlier shapes of those that glide. @type {Map<string, DrawCommand>} */
  #before = new Map();
  #arrivedMs = 0;
  /** Age of the newest frame at its last repaint. @type {number | null} */
  #paintedAgeMs = null;
  /** How far a motion is ahead of the newest frame's age, so that it is complete in time. */
  #leadMs = 0;

  /**
   * @param {number} frameMs between two frames of the game
   * @param {number} maxStep farthest that a shape glides in a frame; it jumps if it moves farther
   */
  constructor(frameMs, maxStep) {
    this.#frameMs = frameMs;
    this.#maxStep = maxStep;
  }

  /** The newest frame's draw commands. */
  get newest() {
    return this.#newest;
  }

  /**
   * Take in a new frame.
   * @param {DrawCommand[]} commands
   * @param {DrawCommand[]} before the frame from which shapes glide; empty if none does
   * @param {number} nowMs
   */
  push(commands, before, nowMs) {
    if (this.#before.size > 0 && this.#paintedAgeMs !== null) {
      const idealMs = Math.max(0, this.#frameMs - this.#paintedAgeMs);
      const changeMs = idealMs - this.#leadMs;
      this.#leadMs += changeMs < 0 ? changeMs : LEAD_GAIN * changeMs;
    }
    this.#newest = commands;
    this.#before = this.#movers(commands, movingShapes(before));
    this.#arrivedMs = nowMs;
    this.#paintedAgeMs = null;
  }

  /**
   * The picture to be painted now.
   * @param {number} nowMs
   * @returns {DrawCommand[]}
   */
  pictureAt(nowMs) {
    const ageMs = Math.max(0, nowMs - this.#arrivedMs);
    this.#paintedAgeMs = ageMs;
    const share = Math.min(1, (ageMs + this.#leadMs) / this.#frameMs);
    if (share === 1 || this.#before.size === 0) return this.#newest;
    return this.#newest.map((command) => {
      const before = command.id === undefined ? undefined : this.#before.get(keyOf(command));
      return before ? between(before, command, share) : command;
    });
  }

  /**
   * Whether later pictures may differ, or are needed to learn how often the screen repaints.
   * @param {number} nowMs
   */
  isMoving(nowMs) {
    return this.#before.size > 0 && nowMs - this.#arrivedMs < this.#frameMs;
  }

  /**
   * The earlier shapes of those that glide.
   * @param {DrawCommand[]} commands
   * @param {Map<string, DrawCommand>} before
   */
  #movers(commands, before) {
    const movers = new Map();
    for (const command of commands) {
      if (command.id === undefined) continue;
      const earlier = before.get(keyOf(command));
      if (earlier && this.#glides(earlier, command)) movers.set(keyOf(command), earlier);
    }
    return movers;
  }

  /** @param {DrawCommand} before @param {DrawCommand} after */
  #glides(before, after) {
    const [fromX, fromY] = placeOf(before);
    const [toX, toY] = placeOf(after);
    if (Math.hypot(toX - fromX, toY - fromY) > this.#maxStep) return false;
    if ("points" in before && "points" in after) {
      if (before.points.length !== after.points.length) return false;
      const { points } = after;
      if (before.points.some(([x, y], i) => x !== points[i][0] || y !== points[i][1])) return true;
    }
    // After a wide turn the direction is not known, so it is not interpolated.
    if (before.type === "arc" && after.type === "arc") {
      const turns = [after.start - before.start, after.end - before.end];
      if (turns.some((turn) => Math.abs(turn) > Math.PI)) return false;
    }
    return NUMBERS.some((name) => numberOf(before, name) !== numberOf(after, name));
  }
}

/**
 * @param {DrawCommand} before
 * @param {DrawCommand} after
 * @param {number} share from 0 (before) to 1 (after)
 * @returns {DrawCommand}
 */
function between(before, after, share) {
  /** @type {any} */
  const shape = { ...after };
  for (const name of NUMBERS) {
    const from = numberOf(before, name);
    const to = numberOf(after, name);
    if (from === undefined || to === undefined || from === to) continue;
    shape[name] = from + (to - from) * share;
  }
  if ("points" in before && "points" in after) {
    shape.points = after.points.map(([x, y], i) => {
      const [fromX, fromY] = before.points[i];
      return [fromX + (x - fromX) * share, fromY + (y - fromY) * share];
    });
  }
  return shape;
}

/**
 * @param {DrawCommand} command
 * @param {typeof NUMBERS[number]} name
 * @returns {number | undefined}
 */
function numberOf(command, name) {
  const value = /** @type {any} */ (command)[name];
  if (typeof value === "number") return value;
  return name === "alpha" ? 1 : undefined;
}
