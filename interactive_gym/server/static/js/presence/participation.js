/**
 * This participant's part in a game: what their keys do, and whether they are there at all.
 * Feeds the engine with actions; says when they have been away or idle for too long.
 */

import { HiddenLimit } from "./hidden_limit.js";
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
  /** @type {HiddenLimit | null} */
  #hiddenLimit = null;
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
    const { focus, idle } = scene;
    if (focus) {
      this.#hiddenLimit = new HiddenLimit(focus.timeout_ms, timers, () => this.#leave("hidden"));
    }
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
    this.#hiddenLimit?.close();
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
    this.#hiddenLimit?.note(document.hidden);
    this.#options.onEvent(document.hidden ? "hidden" : "visible");
  }

  #act() {
    const { engine, scene } = this.#options;
    if (document.hidden) engine.setAction(scene.default_action, true);
    else engine.setAction(this.#keyboard.action, false);
  }
}
