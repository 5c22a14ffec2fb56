/**
 * Draws an environment's draw commands on the canvas, crisp at any size and pixel density.
 * Keeps nothing of the game but the last picture, to draw it anew when the size changes.
 */

/** @import { DrawCommand } from "./types.js" */

const FONT = "system-ui, sans-serif";

export class Renderer {
  #canvas;
  #context;
  #width;
  #height;
  #background;
  /** @type {DrawCommand[]} */
  #commands = [];
  #frameRequested = false;
  #observer;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} width of the environment's pixel space
   * @param {number} height of it
   * @param {string} background CSS colour
   */
  constructor(canvas, width, height, background) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#width = width;
    this.#height = height;
    this.#background = background;
    this.#observer = new ResizeObserver(() => this.#request());
    this.#observer.observe(canvas);
    this.#request();
  }

  /** @param {DrawCommand[]} commands */
  draw(commands) {
    this.#commands = commands;
    this.#request();
  }

  close() {
    this.#observer.disconnect();
  }

  /** Draw once before the next repaint, however often asked. */
  #request() {
    if (this.#frameRequested) return;
    this.#frameRequested = true;
    requestAnimationFrame(() => {
      this.#frameRequested = false;
      this.#paint();
    });
  }

  #paint() {
    const density = window.devicePixelRatio || 1;
    const pixelWidth = Math.round(this.#canvas.clientWidth * density);
    const pixelHeight = Math.round(this.#canvas.clientHeight * density);
    if (pixelWidth === 0 || pixelHeight === 0) return;
    if (this.#canvas.width !== pixelWidth || this.#canvas.height !== pixelHeight) {
      this.#canvas.width = pixelWidth;
      this.#canvas.height = pixelHeight;
    }
    const context = this.#context;
    context.setTransform(pixelWidth / this.#width, 0, 0, pixelHeight / this.#height, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = this.#background;
    context.fillRect(0, 0, this.#width, this.#height);
    for (const command of this.#commands) drawCommand(context, command);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {DrawCommand} command
 */
export function drawCommand(context, command) {
  context.globalAlpha = command.alpha ?? 1;
  if (command.type === "line") {
    context.beginPath();
    trace(context, command.points);
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = command.width;
    context.strokeStyle = command.color;
    context.stroke();
    return;
  }
  if (command.type === "text") {
    context.font = `${command.weight ?? "normal"} ${command.size}px ${FONT}`;
    context.textAlign = command.align ?? "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = command.color;
    context.fillText(command.text, command.x, command.y);
    return;
  }
  context.beginPath();
  traceShape(context, command);
  context.fillStyle = command.color;
  context.fill();
  if (command.stroke) {
    context.lineWidth = command.stroke_width ?? 1;
    context.strokeStyle = command.stroke;
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Exclude<DrawCommand, {type: "line" | "text"}>} shape
 */
function traceShape(context, shape) {
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
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number][]} points
 */
function trace(context, points) {
  points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
}
