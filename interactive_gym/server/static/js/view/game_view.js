/** What the participant sees of a game: the canvas, the episode, the keys and the connection. */

import { byId, showSection } from "../pages/dom.js";
import { forGroup, playerName, roundOf } from "../pages/wording.js";
import { FocusHint } from "./focus_hint.js";
import { keyLegend } from "./key_legend.js";
import { Renderer } from "./renderer.js";

/** @import { DrawCommand, GameConfig, GameScene, TickResult } from "../types.js" */
/** @import { LinkQuality } from "../game/link_quality.js" */
/** @import { Images } from "./images.js" */

export class GameView {
  #canvas = /** @type {HTMLCanvasElement} */ (byId("canvas"));
  #episode = byId("episode");
  #link = byId("link");
  #renderer;
  #focusHint;
  #numEpisodes;
  /** The last shown frame's episode. */
  #shownEpisode = 0;
  /** @type {string} */
  #shownLink = "";

  /**
   * @param {GameScene} scene
   * @param {GameConfig} config
   * @param {Images} images
   */
  constructor(scene, config, images) {
    this.#numEpisodes = config.num_episodes;
    const seats = config.agents.filter((_, i) => !config.policies?.[i]);
    byId("agent").textContent = `You play: ${playerName(seats[config.seat], config.seat)}`;
    byId("link-label").textContent = forGroup("Connection to your partner:", scene.group_size);
    this.#link.hidden = scene.group_size < 2;
    const body = byId("game-body");
    body.innerHTML = scene.in_game_body;
    if (!scene.in_game_body || scene.action_labels.some((label) => label !== null)) {
      body.append(keyLegend(scene.action_mapping, scene.action_labels));
    }
    const { style } = byId("game");
    style.setProperty("--ratio", String(scene.width / scene.height));
    style.setProperty("--game-width", `${scene.width}px`);
    showSection("game");
    this.#renderer = new Renderer(this.#canvas, scene, images);
    this.#focusHint = new FocusHint(byId("focus-hint"));
    this.showEpisode(0);
    this.showLink({ level: "unknown", text: "connecting" });
  }

  /** Focus the canvas, as a click on it would. */
  focus() {
    this.#canvas.focus({ preventScroll: true });
  }

  /**
   * Show a picture that continues no other.
   * @param {DrawCommand[]} commands
   */
  draw(commands) {
    this.#renderer.replace(commands);
  }

  /**
   * Show a tick's frame. The first of an episode continues no other.
   * @param {TickResult} result
   */
  showFrame({ draw, corrected, episode }) {
    if (!draw) return;
    if (episode === this.#shownEpisode) this.#renderer.move(draw, corrected ?? null);
    else this.#renderer.replace(draw);
    this.#shownEpisode = episode;
    this.showEpisode(episode);
  }

  /** @param {number} episode counted from 0 */
  showEpisode(episode) {
    const text = roundOf(episode, this.#numEpisodes);
    if (this.#episode.textContent !== text) this.#episode.textContent = text;
  }

  /** @param {LinkQuality} quality */
  showLink({ level, text }) {
    if (text === this.#shownLink) return;
    this.#shownLink = text;
    this.#link.dataset.level = level;
    byId("link-text").textContent = text;
  }

  close() {
    this.#renderer.close();
    this.#focusHint.close();
  }
}
