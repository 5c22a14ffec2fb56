/**
 * This participant's part in a game: what their keys do, and whether they are there at all.
 * Feeds the engine with actions; says when they have been away or idle for too long.
 */

import { Keyboard } from "./keyboard.js";
import { StillThere } from "./still_there.js";

/** @import { GameEventKind, GameScene, QuitReason } from "../types.js" */
/** @import { Engine } from "../engine/engine.js" */
/** @import { Timers } from "../timers.js" */

/**
 * @typedef {object} ParticipationOptions
 * @property {GameScene} scene
 * @property {Engine} engine
 * @property {Timers} timers
 * @property {(kind: GameEventKind) => void} onEvent
 * @property {(reason: QuitReason) => void} onGone called at most once; their keys count no more
 */

export class Participation {
  #options;
  #keyboard;
  /** While the page is out of sight and a limit to that is set. @type {(() => void) | null} */
  #cancelHiddenLimit = null;
  /** @type {StillThere | null} */
  #stillThere = null;
  #listeners = new AbortController();

  /** @param {ParticipationOptions} options */
  constructor(options) {
    this.#options = options;
    const { action_mapping, default_action, input_mode } = options.scene;
    this.#keyboard = new Keyboard(action_mapping, default_action, input_mode, (action) => {
      if (!document.hidden) options.engine.setAction(action, false);
    });
  }

  /** The game has begun: from now on the participant is expected to be there. */
  start() {
    const { scene, timers, onEvent } = this.#options;
    const { idle } = scene;
    if (idle?.game_prompt_ms) {
      this.#stillThere = new StillThere({
        promptMs: idle.game_prompt_ms,
        rules: idle,
        timers,
        onPrompt: () => onEvent("idle_prompt"),
        onAnswer: () => onEvent("idle_answer"),
        onNoAnswer: () => this.#leave("idle"),
      });
    }
    const { signal } = this.#listeners;
    document.addEventListener("visibilitychange", () => this.#onVisibility(), { signal });
    if (document.hidden) this.#onVisibility();
    else this.#act();
  }

  /** The game does not go on at this moment, so nobody is idle who does nothing. */
  excuse() {
    this.#stillThere?.excuse();
  }

  /** Nothing that the participant does counts any more. */
  stop() {
    this.#listeners.abort();
    this.#keyboard.close();
    this.#cancelHiddenLimit?.();
    this.#stillThere?.close();
  }

  /** @param {QuitReason} reason */
  #leave(reason) {
    this.stop();
    this.#options.engine.setAction(this.#options.scene.default_action, document.hidden);
    this.#options.onGone(reason);
  }

  #onVisibility() {
    if (document.hidden) this.#keyboard.release();
    this.#act();
    this.#limitHiding();
    this.#options.onEvent(document.hidden ? "hidden" : "visible");
  }

  /** Who is out of sight for too long at a stretch has left. The timers keep time in a hidden tab. */
  #limitHiding() {
    const { scene, timers } = this.#options;
    if (!document.hidden) {
      this.#cancelHiddenLimit?.();
      this.#cancelHiddenLimit = null;
    } else if (scene.focus) {
      this.#cancelHiddenLimit ??= timers.after(scene.focus.timeout_ms, () => this.#leave("hidden"));
    }
  }

  #act() {
    const { engine, scene } = this.#options;
    if (document.hidden) engine.setAction(scene.default_action, true);
    else engine.setAction(this.#keyboard.action, false);
  }
}
