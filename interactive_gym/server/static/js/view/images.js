/**
 * The pictures that draw commands of the type `image` show: fetched once, decoded off the main path.
 * Draws nothing. A picture that cannot be had is reported once and never asked for again.
 */

/** @typedef {ImageBitmap | HTMLImageElement} Picture */
/** @typedef {{base_url: string, preload: string[]}} Assets */

export class Images {
  #baseUrl;
  /** By asset: the picture, "loading" or "missing". @type {Map<string, Picture | "loading" | "missing">} */
  #pictures = new Map();

  /** Called when a picture has come, or turned out to be missing. */
  onChange = () => {};

  /** @param {Assets | null} assets of a scene; begins to load those to be preloaded */
  constructor(assets) {
    this.#baseUrl = assets?.base_url ?? "";
    for (const name of assets?.preload ?? []) this.get(name);
  }

  /**
   * The picture, or what has become of it. What was not asked for before begins to load.
   * @param {string} name
   * @returns {Picture | "loading" | "missing"}
   */
  get(name) {
    const known = this.#pictures.get(name);
    if (known) return known;
    this.#pictures.set(name, "loading");
    this.#load(name);
    return "loading";
  }

  /** @param {string} name */
  async #load(name) {
    /** @type {Picture | "missing"} */
    let picture = "missing";
    try {
      if (!this.#baseUrl) throw new Error("the scene has no assets_dir");
      const path = name.split("/").map(encodeURIComponent).join("/");
      const response = await fetch(this.#baseUrl + path);
      if (!response.ok) throw new Error(`the server answers ${response.status}`);
      picture = await decode(await response.blob());
    } catch (error) {
      console.warn(`The image ${name} cannot be shown: ${/** @type {Error} */ (error).message}.`);
    }
    this.#pictures.set(name, picture);
    this.onChange();
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<Picture>}
 */
async function decode(blob) {
  if (!blob.type.startsWith("image/svg")) return createImageBitmap(blob);
  // Only an element draws vector graphics, and it keeps them crisp at every size.
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
