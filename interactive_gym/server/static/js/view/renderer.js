/** Shows the game's frames on the canvas, smoothly between frames and crisp at any density. */

import { drawCommand } from "./draw_commands.js";
import { CorrectionEasing } from "./easing.js";
import { Images } from "./images.js";
import { Interpolation } from "./interpolation.js";
import { fitted } from "./pixels.js";

/** @import { DrawCommand, GameScene } from "../types.js" */

/** A shape that moves farther in a frame jumps. This is a share of the picture's diagonal. */
const MAX_STEP = 1 / 8;
/** No shape is eased from farther off its true place. This is a share of the picture's diagonal. */
const MAX_OFFSET = 1 / 4;

export class Renderer {
  #canvas;
  #context;
  #scene;
  #images;
  #interpolation;
  #easing;
  /** @type {number | null} */
  #request = null;
  #observer;
  #pixelWidth = 0;
  #pixelHeight = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Pick<GameScene, "width" | "height" | "background" | "fps" | "smoothing_ms">} scene
   * @param {Images} images
   */
  constructor(canvas, scene, images) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#scene = scene;
    this.#images = images;
    const diagonal = Math.hypot(scene.width, scene.height);
    this.#interpolation = new Interpolation(1000 / scene.fps, MAX_STEP * diagonal);
    this.#easing = new CorrectionEasing(scene.smoothing_ms, MAX_OFFSET * diagonal);
    images.onChange = () => this.#schedule();
    this.#observer = new ResizeObserver(([entry]) => this.#resize(entry));
    try {
      // Only this box notices a window that moves to a screen of another density.
      this.#observer.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      this.#observer.observe(canvas);
    }
  }

  /**
   * Show the next frame, as a motion from the last.
   * @param {DrawCommand[]} commands
   * @param {DrawCommand[] | null} corrected the last frame as it should have been, after a rollback
   */
  move(commands, corrected) {
    const nowMs = performance.now();
    const last = this.#interpolation.newest;
    if (corrected) this.#easing.correct(last, corrected, nowMs);
    this.#interpolation.push(commands, corrected ?? last, nowMs);
    this.#schedule();
  }

  /**
   * Show a picture that continues no other.
   * @param {DrawCommand[]} commands
   */
  replace(commands) {
    this.#easing.clear();
    this.#interpolation.push(commands, [], performance.now());
    this.#schedule();
  }

  close() {
    this.#observer.disconnect();
    this.#images.onChange = () => {};
    if (this.#request !== null) cancelAnimationFrame(this.#request);
  }

  /** Paint once before the next repaint, and go on while anything moves. */
  #schedule() {
    this.#request ??= requestAnimationFrame((nowMs) => {
      this.#request = null;
      this.#paint(nowMs);
      if (this.#interpolation.isMoving(nowMs) || !this.#easing.isSettled) this.#schedule();
    });
  }

  /** @param {ResizeObserverEntry} entry */
  #resize({ devicePixelContentBoxSize }) {
    const exact = devicePixelContentBoxSize?.[0];
    const { width, height } = this.#canvas.getBoundingClientRect();
    this.#pixelWidth = pixels(width, exact?.inlineSize);
    this.#pixelHeight = pixels(height, exact?.blockSize);
    // At once, as a canvas that gets a new size is empty until it is painted.
    this.#paint(performance.now());
  }

  /** @param {number} nowMs */
  #paint(nowMs) {
    const commands = this.#easing.apply(this.#interpolation.pictureAt(nowMs), nowMs);
    const { width, height, background } = this.#scene;
    if (this.#pixelWidth === 0 || this.#pixelHeight === 0) return;
    if (this.#canvas.width !== this.#pixelWidth) this.#canvas.width = this.#pixelWidth;
    if (this.#canvas.height !== this.#pixelHeight) this.#canvas.height = this.#pixelHeight;
    const context = this.#context;
    context.setTransform(this.#pixelWidth / width, 0, 0, this.#pixelHeight / height, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
    for (const command of commands) {
      const placed = command.type === "pixels" ? fitted(command, width, height) : command;
      drawCommand(context, placed, this.#images);
    }
  }
}

/**
 * A length in pixels of the screen.
 * @param {number} length in CSS pixels
 * @param {number | undefined} exact as the browser has rounded it, if it tells
 */
function pixels(length, exact) {
  const unrounded = length * (window.devicePixelRatio || 1);
  // The exact length lacks the density of an emulated screen.
  return exact !== undefined && Math.abs(exact - unrounded) < 1 ? exact : Math.round(unrounded);
}
