/**
 * What the picture's motion needs to know of draw commands: who is who, and where.
 * Pure: no canvas, no clock, no state; commands are never changed, only copied.
 */

/** @import { DrawCommand } from "../types.js" */

/** @typedef {[number, number]} Point */

/**
 * The shapes that may move, by id and type; those without an id never do.
 * @param {DrawCommand[]} commands
 * @returns {Map<string, DrawCommand>}
 */
export function movingShapes(commands) {
  const shapes = new Map();
  for (const command of commands) if (command.id !== undefined) shapes.set(keyOf(command), command);
  return shapes;
}

/**
 * Tells shapes apart; the same id with another type is another shape.
 * @param {DrawCommand} command
 */
export function keyOf(command) {
  return `${command.type} ${command.id}`;
}

/**
 * Where a shape is: its anchor, or the mean of its points.
 * @param {DrawCommand} command
 * @returns {Point}
 */
export function placeOf(command) {
  if (!("points" in command)) return [command.x, command.y];
  const { points } = command;
  let [sumX, sumY] = [0, 0];
  for (const [x, y] of points) {
    sumX += x;
    sumY += y;
  }
  const count = points.length || 1;
  return [sumX / count, sumY / count];
}

/**
 * The shape somewhere else.
 * @template {DrawCommand} T
 * @param {T} command
 * @param {Point} offset
 * @returns {T}
 */
export function displaced(command, [dx, dy]) {
  if ("points" in command) {
    return { ...command, points: command.points.map(([x, y]) => [x + dx, y + dy]) };
  }
  return { ...command, x: command.x + dx, y: command.y + dy };
}
