/**
 * The participant's part in a game: gives their actions to the engine and says when they have been
 * hidden or idle for too long.
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
 * @property {(reason: QuitReason) => void} onGone called at most once, after which no key counts
 */

export class Participation {
  #options;
  #keyboard;
  /** Set while the page is hidden and there is a limit to that. @type {(() => void) | null} */
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

  /** The game has begun, so the participant is expected to be there. */
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

  /** The game does not go on at this moment, so the participant is not idle. */
  excuse() {
    this.#stillThere?.excuse();
  }

  /** The game is over, so nothing that the participant does counts. */
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

  /** A participant whose page is hidden for too long at a stretch has left. */
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
