/**
 * The time between joining and a game: the view of the waitroom, the probes, and the question
 * whether the participant is still there.
 */

import { currentPhase, setPhase } from "../pages/phases.js";
import { StillThere } from "../presence/still_there.js";
import { Probes } from "./probes.js";
import { WaitroomView } from "./waitroom_view.js";

/** @import { GameScene, LeaveReason, ProbeClose, ProbePrepare, ProbeSignal, WaitroomUpdate } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */

export class Waiting {
  #connection;
  #timers;
  #view = new WaitroomView();
  #probes;
  #isShown = false;
  #sceneId = "";
  /** Why the participant leaves, once they do. @type {LeaveReason | null} */
  #leaves = null;
  /** @type {StillThere | null} */
  #stillThere = null;

  /**
   * @param {Connection} connection
   * @param {Timers} timers
   * @param {RTCCertificate | null} certificate
   */
  constructor(connection, timers, certificate) {
    this.#connection = connection;
    this.#timers = timers;
    this.#probes = new Probes(connection, timers, certificate);
  }

  /** Median RTT of the last successful probe in ms, while it may still lead to a game. */
  get rttMs() {
    return this.#probes.rttMs;
  }

  /** Whether the participant does not wait any more, so that the server is about to end the wait. */
  get hasLeft() {
    return this.#leaves !== null;
  }

  /** @param {GameScene} scene whose waitroom the participant is in */
  begin(scene) {
    if (this.#isShown) return;
    this.#isShown = true;
    this.#sceneId = scene.scene_id;
    this.#leaves = null;
    this.#view.show(scene.group_size, () => this.leave("gave_up"));
    setPhase("waiting");
    if (!scene.idle?.waitroom_prompt_ms) return;
    this.#stillThere = new StillThere({
      promptMs: scene.idle.waitroom_prompt_ms,
      rules: scene.idle,
      timers: this.#timers,
      onNoAnswer: () => this.leave("idle"),
    });
  }

  /**
   * The participant waits no longer. This is sent again if the connection was lost meanwhile.
   * @param {LeaveReason} reason
   */
  leave(reason) {
    this.#leaves = reason;
    this.#connection.send("leave_waitroom", { scene_id: this.#sceneId, reason });
  }

  /** The connection is back: say again that the participant leaves. */
  leaveAgain() {
    if (this.#leaves) this.leave(this.#leaves);
  }

  /** The wait is over. */
  end() {
    this.#isShown = false;
    this.#view.hide();
    this.#probes.closeAll();
    this.#stillThere?.close();
    this.#stillThere = null;
  }

  /** @param {WaitroomUpdate} update */
  update(update) {
    this.#view.update(update);
  }

  /** A probe led to no game, so the search goes on. */
  goOn() {
    this.#view.setState("still_looking");
    setPhase("waiting");
  }

  /** The connection is lost, so the server has given up the probes. */
  onDisconnect() {
    this.#probes.closeAll();
    if (currentPhase() === "probing") this.goOn();
  }

  /** @param {ProbePrepare} prepare */
  prepareProbe(prepare) {
    this.#probes.prepare(prepare);
    this.#view.setState("checking");
    setPhase("probing");
  }

  /** @param {string} probeSessionId */
  startProbe(probeSessionId) {
    this.#probes.start(probeSessionId);
  }

  /** @param {ProbeSignal} message */
  onProbeSignal(message) {
    this.#probes.onSignal(message);
  }

  /** @param {ProbeClose} message */
  closeProbe({ probe_session_id }) {
    this.#probes.close(probe_session_id);
    if (this.#probes.isEmpty && currentPhase() === "probing") this.goOn();
  }

  /** @param {string} probeSessionId */
  takeLink(probeSessionId) {
    return this.#probes.takeLink(probeSessionId);
  }
}
