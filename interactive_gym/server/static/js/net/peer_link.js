/**
 * A WebRTC connection to one partner that carries datagrams, over an unordered data channel that may
 * lose them. Its caller carries the signals to the other side.
 */

/** @import { Role, Signal } from "../types.js" */

/** An offer that stays unanswered for this long is made anew, as addresses may have changed. */
const PENDING_OFFER_MS = 10_000;
/**
 * For how long the browser may send a datagram again. With no second try at all, every loss has to be
 * settled by a message that may itself be lost: the association then waits for its timer, whose
 * period doubles, and sends nothing meanwhile.
 */
const LIFETIME_MS = 200;
/**
 * With more than this buffered, datagrams are dropped. What waits goes stale after its lifetime, so
 * this is only for a burst, such as a whole game that is sent to a page that was reloaded.
 */
const MAX_BUFFERED_BYTES = 65_536;

/**
 * @typedef {object} PeerLinkOptions
 * @property {Role} role
 * @property {RTCIceServer[]} iceServers
 * @property {boolean} forceRelay use TURN candidates only
 * @property {RTCCertificate | null} certificate made in advance to save time
 * @property {boolean} [gatherEarly] whether an answerer gathers candidates before the offer comes.
 *   If the offer may come at once, Chromium sometimes finds none this way
 * @property {(signal: Signal) => void} sendSignal
 */

/**
 * @typedef {object} RouteStats
 * @property {number | null} rttMs coarse RTT of the browser's ICE checks
 * @property {string | null} localCandidateType
 * @property {string | null} remoteCandidateType
 * @property {number | null} sentBytes so far, over the whole connection
 * @property {number | null} receivedBytes so far, over the whole connection
 */

/**
 * The fingerprint of the certificate in a description. No two pages share one.
 * @param {Pick<RTCSessionDescription, "sdp"> | null} description
 * @returns {string | null}
 */
function fingerprintIn(description) {
  return /^a=fingerprint:(.*)$/m.exec(description?.sdp ?? "")?.[1].trim() ?? null;
}

/**
 * The page that a signal comes from, by its certificate; null if the signal does not tell.
 * @param {Signal} signal
 */
export function senderOf(signal) {
  return signal.type === "candidate" ? null : fingerprintIn(/** @type {any} */ (signal));
}

export class PeerLink {
  #role;
  #pc;
  #channel;
  #sendSignal;
  #descriptionSent = false;
  #hasAllCandidates = false;
  #offeredAtMs = performance.now();
  #closed = false;
  /** @type {(RTCIceCandidateInit | null)[]} */
  #earlyCandidates = [];
  /** @type {string | null} */
  #iceServerError = null;
  /** Signals are applied one after the other. @type {Promise<void>} */
  #work = Promise.resolve();

  onOpen = () => {};
  /** @type {(bytes: ArrayBuffer) => void} */
  onMessage = () => {};
  /** @type {(state: RTCPeerConnectionState) => void} */
  onState = () => {};
  /** The other side sent a description that cannot be used. */
  onBadDescription = () => {};

  /** @param {PeerLinkOptions} options */
  constructor({ role, iceServers, forceRelay, certificate, gatherEarly, sendSignal }) {
    this.#role = role;
    this.#sendSignal = sendSignal;
    this.#pc = new RTCPeerConnection({
      iceServers,
      iceTransportPolicy: forceRelay ? "relay" : "all",
      iceCandidatePoolSize: gatherEarly && role === "answerer" ? 1 : 0,
      ...(certificate ? { certificates: [certificate] } : {}),
    });
    // A channel negotiated in advance opens together with the transport, half a round trip before
    // an announced one.
    this.#channel = this.#pc.createDataChannel("game", {
      negotiated: true,
      id: 0,
      ordered: false,
      maxPacketLifeTime: LIFETIME_MS,
    });
    this.#channel.binaryType = "arraybuffer";
    this.#channel.onopen = () => this.onOpen();
    this.#channel.onmessage = ({ data }) => this.onMessage(data);
    this.#pc.onconnectionstatechange = () => this.onState(this.#pc.connectionState);
    this.#pc.onicecandidate = ({ candidate }) => this.#onCandidate(candidate);
    this.#pc.onicecandidateerror = ({ url, errorCode, errorText }) => {
      this.#iceServerError = `${url} answered ${errorCode} ${errorText}`.trim();
    };
    if (role === "offerer") this.#enqueue(() => this.#pc.setLocalDescription());
  }

  get isOpen() {
    return this.#channel.readyState === "open";
  }

  /** Whether a connection that was established no longer gets through. */
  get isBroken() {
    return ["disconnected", "failed"].includes(this.#pc.connectionState);
  }

  /** The last error of a STUN or TURN server, with the standard's error code; null if none. */
  get iceServerError() {
    return this.#iceServerError;
  }

  /** Begin signalling: the offerer sends its offer with the candidates gathered so far. */
  begin() {
    if (this.#role === "offerer") this.#enqueue(async () => this.#sendDescription());
  }

  /** Whether our offer is unanswered. */
  get isPending() {
    return this.#pc.signalingState === "have-local-offer";
  }

  /** The page at the other end, by its certificate; null before its first description came. */
  get remotePage() {
    return fingerprintIn(this.#pc.remoteDescription);
  }

  /**
   * Find a new route for the connection. The answerer leaves this to the offerer.
   *
   * May be called repeatedly. While an offer is unanswered the same offer is sent again, so that an
   * answer to any copy of it fits.
   */
  restart() {
    if (this.#role !== "offerer") return;
    this.#enqueue(async () => {
      if (!this.isPending || performance.now() - this.#offeredAtMs > PENDING_OFFER_MS) {
        this.#offeredAtMs = performance.now();
        this.#pc.restartIce();
        this.#hasAllCandidates = false;
        await this.#pc.setLocalDescription();
      }
      this.#sendDescription();
    });
  }

  /**
   * Send signals another way from now on.
   * @param {(signal: Signal) => void} sendSignal
   */
  signalThrough(sendSignal) {
    this.#sendSignal = sendSignal;
  }

  /** @param {Signal} signal */
  receiveSignal(signal) {
    this.#enqueue(() => this.#apply(signal));
  }

  /**
   * Send a datagram; it may get lost.
   * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes
   */
  send(bytes) {
    if (!this.isOpen || this.#channel.bufferedAmount > MAX_BUFFERED_BYTES) return;
    this.#channel.send(/** @type {ArrayBuffer} */ (bytes));
  }

  /** @returns {Promise<RouteStats>} */
  async routeStats() {
    const stats = await this.#pc.getStats();
    /** @type {any} */
    let [transport, pair] = [null, null];
    stats.forEach((entry) => {
      if (entry.type === "transport" && entry.selectedCandidatePairId) transport = entry;
      // Not every browser has statistics of the transport.
      if (entry.type === "candidate-pair" && (entry.selected || entry.nominated)) pair ??= entry;
    });
    if (transport) pair = stats.get(transport.selectedCandidatePairId);
    const rttS = pair?.currentRoundTripTime;
    return {
      rttMs: typeof rttS === "number" ? rttS * 1000 : null,
      localCandidateType: stats.get(pair?.localCandidateId)?.candidateType ?? null,
      remoteCandidateType: stats.get(pair?.remoteCandidateId)?.candidateType ?? null,
      sentBytes: transport?.bytesSent ?? pair?.bytesSent ?? null,
      receivedBytes: transport?.bytesReceived ?? pair?.bytesReceived ?? null,
    };
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.onOpen = () => {};
    this.onMessage = () => {};
    this.onState = () => {};
    this.onBadDescription = () => {};
    this.#channel.close();
    this.#pc.close();
  }

  /** @param {() => Promise<void>} step */
  #enqueue(step) {
    this.#work = this.#work
      .then(() => (this.#closed ? undefined : step()))
      .catch((error) => {
        if (!this.#closed) console.warn("peer link:", error);
      });
  }

  #sendDescription() {
    const description = this.#pc.localDescription;
    if (!description) return;
    this.#descriptionSent = true;
    this.#sendSignal({ type: /** @type {"offer"|"answer"} */ (description.type), sdp: description.sdp });
    // Said so late if the last of them was found before.
    if (this.#hasAllCandidates) this.#sendSignal({ type: "candidate", candidate: null });
  }

  /** @param {RTCIceCandidate | null} candidate */
  #onCandidate(candidate) {
    // Candidates found before the description goes out are part of it.
    if (!candidate) this.#hasAllCandidates = true;
    if (!this.#descriptionSent) return;
    this.#sendSignal({ type: "candidate", candidate: candidate && candidate.toJSON() });
  }

  /** @param {Signal} signal */
  async #apply(signal) {
    if (signal.type === "candidate") {
      await this.#addCandidate(signal.candidate);
      return;
    }
    // A second answer, to another copy of an offer.
    if (signal.type === "answer" && !this.isPending) return;
    try {
      await this.#pc.setRemoteDescription({ type: signal.type, sdp: signal.sdp });
    } catch (error) {
      if (!this.#closed) this.onBadDescription();
      throw error;
    }
    for (const candidate of this.#earlyCandidates.splice(0)) await this.#addCandidate(candidate);
    if (signal.type === "offer") {
      await this.#pc.setLocalDescription();
      this.#sendDescription();
    }
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async #addCandidate(candidate) {
    if (!this.#pc.remoteDescription) {
      this.#earlyCandidates.push(candidate);
      return;
    }
    // A candidate that this browser cannot use does not spoil the others.
    await this.#pc.addIceCandidate(candidate ?? undefined).catch(() => {});
  }
}
