/** Paints a draw command of `docs/protocol.md` §6 on a canvas, which the caller has scaled. */

/** @import { DrawCommand } from "../types.js" */
/** @import { Images } from "./images.js" */

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const PLACEHOLDER = "#8a949e";

/** @typedef {Extract<DrawCommand, {type: "image"}>} ImageCommand */
/** @typedef {Extract<DrawCommand, {type: "pixels"}>} PixelsCommand */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {DrawCommand} command
 * @param {Images} images
 */
export function drawCommand(context, command, images) {
  context.globalAlpha = command.alpha ?? 1;
  switch (command.type) {
    case "line":
      context.beginPath();
      trace(context, command.points);
      context.lineCap = "round";
      context.lineJoin = "round";
      context.lineWidth = command.width;
      context.strokeStyle = command.color;
      context.stroke();
      break;
    case "text":
      context.font = `${command.weight ?? "normal"} ${command.size}px ${FONT}`;
      context.textAlign = command.align ?? "left";
      context.textBaseline = "alphabetic";
      context.fillStyle = command.color;
      context.fillText(command.text, command.x, command.y);
      break;
    case "image":
      drawImage(context, command, images);
      break;
    case "pixels":
      drawPixels(context, command, images);
      break;
    default:
      drawShape(context, command);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Exclude<DrawCommand, {type: "line" | "text" | "image" | "pixels"}>} shape
 */
function drawShape(context, shape) {
  context.beginPath();
  switch (shape.type) {
    case "rect":
      if (shape.radius) {
        context.roundRect(shape.x, shape.y, shape.width, shape.height, shape.radius);
      } else {
        context.rect(shape.x, shape.y, shape.width, shape.height);
      }
      break;
    case "circle":
      context.arc(shape.x, shape.y, shape.radius, 0, 2 * Math.PI);
      break;
    case "ellipse":
      context.ellipse(shape.x, shape.y, shape.radius_x, shape.radius_y, 0, 0, 2 * Math.PI);
      break;
    case "arc":
      context.arc(shape.x, shape.y, shape.radius, shape.start, shape.end);
      context.closePath();
      break;
    case "polygon":
      trace(context, shape.points);
      context.closePath();
      break;
  }
  context.fillStyle = shape.color;
  context.fill();
  if (shape.stroke) {
    context.lineWidth = shape.stroke_width ?? 1;
    context.strokeStyle = shape.stroke;
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ImageCommand} command
 * @param {Images} images
 */
function drawImage(context, { x, y, width, height, asset, source, flip, smooth }, images) {
  const picture = images.get(asset);
  if (picture === "loading") return;
  if (picture === "missing") {
    drawPlaceholder(context, x, y, width, height);
    return;
  }
  const [left, top, sourceWidth, sourceHeight] = source ?? [0, 0, picture.width, picture.height];
  context.save();
  context.imageSmoothingEnabled = smooth ?? true;
  context.imageSmoothingQuality = "high";
  context.translate(flip ? x + width : x, y);
  if (flip) context.scale(-1, 1);
  context.drawImage(picture, left, top, sourceWidth, sourceHeight, 0, 0, width, height);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {PixelsCommand} command
 * @param {Images} images
 */
function drawPixels(context, command, images) {
  const picture = images.pixels.get(command);
  if (picture === null) return;
  const { x = 0, y = 0, width = command.columns, height = command.rows } = command;
  context.imageSmoothingEnabled = command.smooth ?? false;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, x, y, width, height);
}

/**
 * A crossed box in place of a missing image.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function drawPlaceholder(context, x, y, width, height) {
  context.beginPath();
  context.rect(x, y, width, height);
  context.moveTo(x, y);
  context.lineTo(x + width, y + height);
  context.moveTo(x + width, y);
  context.lineTo(x, y + height);
  context.lineCap = "butt";
  context.lineWidth = 2;
  context.strokeStyle = PLACEHOLDER;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number][]} points
 */
function trace(context, points) {
  points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
}
