/** The shapes among draw commands: which are the same from frame to frame, and where they are. */

/** @import { DrawCommand } from "../types.js" */

/** @typedef {[number, number]} Point */

/**
 * The shapes that may move, by id and type. Shapes without an id do not, nor do pixels.
 * @param {DrawCommand[]} commands
 * @returns {Map<string, DrawCommand>}
 */
export function movingShapes(commands) {
  const shapes = new Map();
  for (const command of commands) {
    if (command.id !== undefined && command.type !== "pixels") shapes.set(keyOf(command), command);
  }
  return shapes;
}

/**
 * The key of a shape. The same id with another type is another shape.
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
  if (!("points" in command)) return [command.x ?? 0, command.y ?? 0];
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
 * A copy of the shape, moved by an offset.
 * @template {DrawCommand} T
 * @param {T} command
 * @param {Point} offset
 * @returns {T}
 */
export function displaced(command, [dx, dy]) {
  if ("points" in command) {
    return { ...command, points: command.points.map(([x, y]) => [x + dx, y + dy]) };
  }
  return { ...command, x: (command.x ?? 0) + dx, y: (command.y ?? 0) + dy };
}
