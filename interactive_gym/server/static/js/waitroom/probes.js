/** The probes of this page, which the server opens and closes. */

import { Probe } from "./probe.js";

/** @import { ProbePrepare, ProbeSignal } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */

export class Probes {
  #connection;
  #timers;
  #certificate;
  /** By probe_session_id. @type {Map<string, Probe>} */
  #probes = new Map();

  /**
   * Median RTT of the last successful probe in ms, while it may still lead to a game.
   * @type {number | null}
   */
  rttMs = null;

  /**
   * @param {Connection} connection
   * @param {Timers} timers
   * @param {RTCCertificate | null} certificate
   */
  constructor(connection, timers, certificate) {
    this.#connection = connection;
    this.#timers = timers;
    this.#certificate = certificate;
  }

  get isEmpty() {
    return this.#probes.size === 0;
  }

  /** @param {ProbePrepare} prepare */
  prepare(prepare) {
    const { probe_session_id } = prepare;
    if (this.#probes.has(probe_session_id)) return;
    const probe = new Probe({
      prepare,
      certificate: this.#certificate,
      timers: this.#timers,
      sendSignal: (signal) => this.#connection.send("probe_signal", { probe_session_id, signal }),
      report: (result) => {
        this.rttMs = probe.rttMs;
        this.#connection.send("probe_result", result);
      },
    });
    this.#probes.set(probe_session_id, probe);
    this.#connection.send("probe_ready", { probe_session_id });
  }

  /** @param {string} probeSessionId */
  start(probeSessionId) {
    this.#probes.get(probeSessionId)?.start();
  }

  /** @param {ProbeSignal} message */
  onSignal({ probe_session_id, signal }) {
    this.#probes.get(probe_session_id)?.link.receiveSignal(signal);
  }

  /** @param {string} probeSessionId */
  close(probeSessionId) {
    this.#probes.get(probeSessionId)?.close();
    this.#probes.delete(probeSessionId);
    if (this.isEmpty) this.rttMs = null;
  }

  closeAll() {
    for (const probeSessionId of [...this.#probes.keys()]) this.close(probeSessionId);
  }

  /**
   * Hand a probe's link over to a game.
   * @param {string} probeSessionId
   */
  takeLink(probeSessionId) {
    const link = this.#probes.get(probeSessionId)?.release() ?? null;
    this.#probes.delete(probeSessionId);
    return link;
  }
}
