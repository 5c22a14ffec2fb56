/**
 * The pictures of draw commands of the type `image`. Each is fetched once; one that cannot be
 * loaded is reported once and not asked for again.
 */

import { served } from "../net/addresses.js";
import { Pixels } from "./pixels.js";

/** @typedef {ImageBitmap | HTMLImageElement} Picture */
/** A picture that takes longer is missing. */
const LIMIT_MS = 90_000;

/** @typedef {{base_url: string, preload: string[]}} Assets */

export class Images {
  #baseUrl;
  /** By asset. @type {Map<string, Picture | "loading" | "missing">} */
  #pictures = new Map();

  /** Called when a picture is loaded or turns out to be missing. */
  onChange = () => {};
  /** Called with the reason when a picture that was not to be preloaded is missing. */
  onMissing = (/** @type {string} */ _reason) => {};
  /** Pictures that come with the draw commands. */
  pixels = new Pixels(
    () => this.onChange(),
    (reason) => this.onMissing(reason)
  );
  /** Resolves when those to preload are loaded; rejects if one is missing. */
  preloaded;

  /** @param {Assets | null} assets of a scene, those to preload begin to load */
  constructor(assets) {
    this.#baseUrl = assets?.base_url ?? "";
    const preloading = (assets?.preload ?? []).map((name) => {
      this.#pictures.set(name, "loading");
      return this.#load(name);
    });
    this.preloaded = Promise.all(preloading);
    // A failure is told to those who wait for it, and there may be none yet.
    this.preloaded.catch(() => {});
  }

  /**
   * The picture, if it is loaded. One that was not asked for before begins to load.
   * @param {string} name
   * @returns {Picture | "loading" | "missing"}
   */
  get(name) {
    const known = this.#pictures.get(name);
    if (known) return known;
    this.#pictures.set(name, "loading");
    this.#load(name).catch(({ message }) => this.onMissing(message));
    return "loading";
  }

  /**
   * @param {string} name
   * @returns {Promise<void>} rejects with why it is missing
   */
  async #load(name) {
    /** @type {Picture | "missing"} */
    let picture = "missing";
    try {
      if (!this.#baseUrl) throw new Error("the scene has no assets_dir");
      const path = name.split("/").map(encodeURIComponent).join("/");
      const url = served(this.#baseUrl + path);
      const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
      if (!response.ok) throw new Error(`the server answers ${response.status}`);
      picture = await decode(await response.blob());
    } catch (error) {
      const reason = `The image ${name} cannot be shown: ${/** @type {Error} */ (error).message}.`;
      console.warn(reason);
      throw new Error(reason);
    } finally {
      this.#pictures.set(name, picture);
      this.onChange();
    }
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<Picture>}
 */
async function decode(blob) {
  if (!blob.type.startsWith("image/svg")) return createImageBitmap(blob);
  // Only an element draws vector graphics. It keeps them crisp at every size.
  const url = URL.createObjectURL(blob);
  try {
    const element = new Image();
    element.src = url;
    await element.decode();
    return element;
  } finally {
    URL.revokeObjectURL(url);
  }
}
