/** The pictures that come with draw commands of the type `pixels`, decoded once each. */

/** @import { DrawCommand } from "../types.js" */

/** @typedef {Extract<DrawCommand, {type: "pixels"}>} PixelsCommand */
/** @typedef {HTMLCanvasElement | ImageBitmap} Decoded */

/** How many decoded pictures are kept: a frame is painted several times. */
const KEPT = 16;

export class Pixels {
  #onChange;
  #onBroken;
  /** By encoding, size, palette and data; the oldest first. @type {Map<string, Decoded | null>} */
  #decoded = new Map();
  /** The last PNG of each place, shown while the next is decoded. @type {Map<string, Decoded>} */
  #last = new Map();

  /**
   * @param {() => void} onChange called when a picture is decoded that was not there at once
   * @param {(reason: string) => void} onBroken called when one cannot be decoded
   */
  constructor(onChange, onBroken) {
    this.#onChange = onChange;
    this.#onBroken = onBroken;
  }

  /**
   * @param {PixelsCommand} command
   * @returns {Decoded | null} null while nothing is decoded yet
   */
  get(command) {
    const { encoding = "rgb", columns, rows, palette, data } = command;
    const key = `${encoding} ${columns} ${rows} ${palette ?? ""} ${data}`;
    const place = `${command.id ?? ""} ${command.x} ${command.y}`;
    let picture = this.#decoded.get(key);
    if (picture === undefined) {
      picture = encoding === "png" ? null : this.#drawn(command);
      this.#keep(key, picture);
      if (encoding === "png") this.#decodePng(key, place, data);
    }
    return picture ?? this.#last.get(place) ?? null;
  }

  /** @param {PixelsCommand} command */
  #drawn(command) {
    try {
      return drawn(command);
    } catch (error) {
      this.#tellBroken(error);
      return null;
    }
  }

  /** @param {unknown} error */
  #tellBroken(error) {
    const { message } = /** @type {Error} */ (error);
    this.#onBroken(`A picture of the game cannot be shown: ${message}.`);
  }

  /** @param {string} key @param {Decoded | null} picture */
  #keep(key, picture) {
    this.#decoded.set(key, picture);
    for (const oldest of this.#decoded.keys()) {
      if (this.#decoded.size <= KEPT) break;
      this.#decoded.delete(oldest);
    }
  }

  /** @param {string} key @param {string} place @param {string} data */
  async #decodePng(key, place, data) {
    try {
      const picture = await createImageBitmap(new Blob([bytesOf(data)], { type: "image/png" }));
      this.#last.set(place, picture);
      if (this.#decoded.has(key)) this.#decoded.set(key, picture);
    } catch (error) {
      this.#tellBroken(error);
    }
    this.#onChange();
  }
}

/**
 * Pixels in their place; without one they fill the canvas as far as their proportions allow.
 * @param {PixelsCommand} command
 * @param {number} width of the canvas
 * @param {number} height of the canvas
 * @returns {PixelsCommand}
 */
export function fitted(command, width, height) {
  if (command.width !== undefined || command.height !== undefined || command.x !== undefined) {
    return command;
  }
  const scale = Math.min(width / command.columns, height / command.rows);
  const [fittedWidth, fittedHeight] = [command.columns * scale, command.rows * scale];
  return {
    ...command,
    x: (width - fittedWidth) / 2,
    y: (height - fittedHeight) / 2,
    width: fittedWidth,
    height: fittedHeight,
  };
}

/** @param {PixelsCommand} command */
function drawn({ encoding = "rgb", columns, rows, palette = [], data }) {
  const bytes = bytesOf(data);
  const image = new ImageData(columns, rows);
  const target = image.data;
  for (let pixel = 0; pixel < columns * rows; pixel++) {
    const at = 4 * pixel;
    if (encoding === "indexed") {
      const [red, green, blue] = palette[bytes[pixel]] ?? [0, 0, 0];
      target[at] = red;
      target[at + 1] = green;
      target[at + 2] = blue;
      target[at + 3] = 255;
    } else {
      const from = encoding === "rgba" ? at : 3 * pixel;
      target[at] = bytes[from];
      target[at + 1] = bytes[from + 1];
      target[at + 2] = bytes[from + 2];
      target[at + 3] = encoding === "rgba" ? bytes[from + 3] : 255;
    }
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @param {string} data in base64 */
function bytesOf(data) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
