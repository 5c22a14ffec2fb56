/**
 * One probe: connects to a possible partner, measures the RTT and reports once. The verdict is the
 * server's. The probe lives until the server closes it or a game takes over its link.
 */

import { PeerLink } from "../net/peer_link.js";
import { RttMeter, median, pongNonce, pongTo } from "../net/rtt_meter.js";

/** @import { ProbePrepare, ProbeResult, Signal } from "../types.js" */
/** @import { RouteStats } from "../net/peer_link.js" */
/** @import { Timers } from "../timers.js" */

/**
 * @typedef {object} ProbeOptions
 * @property {ProbePrepare} prepare
 * @property {RTCCertificate | null} certificate
 * @property {Timers} timers
 * @property {(signal: Signal) => void} sendSignal
 * @property {(result: ProbeResult) => void} report called once
 */

export class Probe {
  #id;
  #report;
  #timers;
  #meter;
  #reported = false;
  #hidden = document.hidden;
  #cancelPingTimeout = () => {};
  #cancelDeadline;

  link;
  /** The median RTT, once measured. @type {number | null} */
  rttMs = null;

  /** @param {ProbeOptions} options */
  constructor({ prepare, certificate, timers, sendSignal, report }) {
    this.#id = prepare.probe_session_id;
    this.#report = report;
    this.#timers = timers;
    this.#meter = new RttMeter(prepare.pings, prepare.threshold_ms);
    this.link = new PeerLink({
      role: prepare.role,
      iceServers: prepare.ice_servers,
      forceRelay: prepare.force_relay,
      certificate,
      gatherEarly: true,
      sendSignal,
    });
    this.link.onOpen = () => this.#ping();
    this.link.onMessage = (bytes) => this.#onMessage(bytes);
    this.link.onState = (state) => {
      if (state === "failed") this.#fail("the connection failed");
    };
    this.link.onBadDescription = () => this.#fail("the partner's description cannot be used");
    this.#cancelDeadline = timers.after(prepare.deadline_ms, () => this.#fail("deadline"));
  }

  /** Begin, as both sides are ready. */
  start() {
    this.link.begin();
  }

  /** Hand the link over to a game, which sets its callbacks anew. */
  release() {
    this.#stop();
    return this.link;
  }

  close() {
    this.#stop();
    this.link.close();
  }

  /** @param {ArrayBuffer} bytes */
  #onMessage(bytes) {
    const nowMs = performance.now();
    const pong = pongTo(bytes);
    if (pong) {
      this.link.send(pong);
      return;
    }
    const nonce = pongNonce(bytes);
    if (nonce === null || this.#reported) return;
    const isLatest = this.#meter.pong(nonce, nowMs);
    if (this.#meter.isDone) this.#succeed();
    else if (isLatest) this.#ping();
  }

  #ping() {
    this.#cancelPingTimeout();
    this.#hidden ||= document.hidden;
    this.link.send(this.#meter.ping(performance.now()));
    this.#cancelPingTimeout = this.#timers.after(this.#meter.timeoutMs, () => this.#ping());
  }

  #stop() {
    this.#reported = true;
    this.#cancelPingTimeout();
    this.#cancelDeadline();
  }

  async #succeed() {
    this.#stop();
    const samplesMs = [...this.#meter.samplesMs];
    this.rttMs = median(samplesMs);
    // Not before, as gathering statistics takes browsers so long that it would show in the samples.
    const route = await this.link.routeStats().catch(() => null);
    this.#report(this.#result(samplesMs, null, route));
  }

  /** @param {string} reason */
  #fail(reason) {
    if (this.#reported) return;
    this.#stop();
    const { iceServerError } = this.link;
    this.#report(this.#result([], iceServerError ? `${reason}; ${iceServerError}` : reason, null));
  }

  /**
   * @param {number[]} samplesMs
   * @param {string | null} reason
   * @param {RouteStats | null} route
   * @returns {ProbeResult}
   */
  #result(samplesMs, reason, route) {
    return {
      probe_session_id: this.#id,
      samples_ms: samplesMs,
      lost: this.#meter.lost,
      hidden: this.#hidden,
      stats_rtt_ms: route?.rttMs ?? null,
      local_candidate_type: route?.localCandidateType ?? null,
      remote_candidate_type: route?.remoteCandidateType ?? null,
      reason,
    };
  }
}
