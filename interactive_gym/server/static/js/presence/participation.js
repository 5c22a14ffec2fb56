/**
 * The participant's part in a game: gives their actions to the engine and says when they have been
 * hidden or idle for too long.
 */

import { setTitleNotice } from "../pages/phases.js";
import { Keyboard } from "./keyboard.js";
import { StillThere } from "./still_there.js";

/** @import { GameEventKind, GameScene, QuitReason } from "../types.js" */
/** @import { Engine } from "../engine/engine.js" */
/** @import { Timers } from "../timers.js" */

/** What the title of a page says that has been out of sight for long. */
const CALL = "Please come back to the game";

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
  /** Set while the page is hidden and its title is to call back. @type {(() => void) | null} */
  #cancelCall = null;
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
    this.#endCall();
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
    const { timeout_ms, warning_ms } = scene.focus ?? {};
    if (!document.hidden) {
      this.#cancelHiddenLimit?.();
      this.#cancelHiddenLimit = null;
      this.#endCall();
      return;
    }
    if (timeout_ms) this.#cancelHiddenLimit ??= timers.after(timeout_ms, () => this.#leave("hidden"));
    if (warning_ms) this.#cancelCall ??= timers.after(warning_ms, () => setTitleNotice(CALL));
  }

  #endCall() {
    if (!this.#cancelCall) return;
    this.#cancelCall();
    this.#cancelCall = null;
    setTitleNotice("");
  }

  #act() {
    const { engine, scene } = this.#options;
    if (document.hidden) engine.setAction(scene.default_action, true);
    else engine.setAction(this.#keyboard.action, false);
  }
}
