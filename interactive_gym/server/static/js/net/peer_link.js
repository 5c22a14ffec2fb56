/**
 * One WebRTC connection to one partner, carrying datagrams: an unordered data channel without
 * retransmissions. Knows nothing of what it carries, nor how its signals reach the other side.
 */

/** @import { Role, Signal } from "../types.js" */

/** An offer without an answer for longer than this is made anew, as addresses may have changed. */
const PENDING_OFFER_MS = 10_000;
/** Beyond this the network is not taking what we send; netcode resends anyway. */
const MAX_BUFFERED_BYTES = 65_536;

/**
 * @typedef {object} PeerLinkOptions
 * @property {Role} role
 * @property {RTCIceServer[]} iceServers
 * @property {boolean} forceRelay use TURN candidates only
 * @property {RTCCertificate | null} certificate made in advance, which saves time
 * @property {boolean} [gatherEarly] whether an answerer looks for its candidates before the offer
 *   is there. Not for an offer that may come at once: Chromium then sometimes finds none at all
 * @property {(signal: Signal) => void} sendSignal
 */

/**
 * @typedef {object} RouteStats
 * @property {number | null} rttMs RTT as the browser's ICE checks saw it; coarse
 * @property {string | null} localCandidateType
 * @property {string | null} remoteCandidateType
 * @property {number | null} sentBytes so far, of the whole connection
 * @property {number | null} receivedBytes
 */

/**
 * The fingerprint of the certificate in a description, which no two pages share.
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
    // Negotiated in advance, the channel opens on both sides with the transport itself, half a
    // round trip before an announced one would.
    this.#channel = this.#pc.createDataChannel("game", {
      negotiated: true,
      id: 0,
      ordered: false,
      maxRetransmits: 0,
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

  /** Whether a connection that stood does not get through any more. */
  get isBroken() {
    return ["disconnected", "failed"].includes(this.#pc.connectionState);
  }

  /** What a STUN or TURN server refused last, with the standard's error code; null if none did. */
  get iceServerError() {
    return this.#iceServerError;
  }

  /** Signalling may begin: the offerer sends its offer, with the candidates gathered so far. */
  begin() {
    if (this.#role === "offerer") this.#enqueue(async () => this.#sendDescription());
  }

  /** Whether our offer has had no answer yet. */
  get isPending() {
    return this.#pc.signalingState === "have-local-offer";
  }

  /** The page at the other end, by its certificate; null before its first description. */
  get remotePage() {
    return fingerprintIn(this.#pc.remoteDescription);
  }

  /**
   * Find a new route for the same connection once the present one has stopped working; the
   * answerer leaves it to the offerer. May be called again and again: while there is no answer the
   * same offer goes out again, so that an answer to any copy of it fits.
   */
  restart() {
    if (this.#role !== "offerer") return;
    this.#enqueue(async () => {
      if (!this.isPending || performance.now() - this.#offeredAtMs > PENDING_OFFER_MS) {
        this.#offeredAtMs = performance.now();
        this.#pc.restartIce();
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
  }

  /** @param {RTCIceCandidate | null} candidate */
  #onCandidate(candidate) {
    // Candidates found before the description goes out are part of it.
    if (!this.#descriptionSent) return;
    this.#sendSignal({ type: "candidate", candidate: candidate && candidate.toJSON() });
  }

  /** @param {Signal} signal */
  async #apply(signal) {
    if (signal.type === "candidate") {
      await this.#addCandidate(signal.candidate);
      return;
    }
    // A second answer, to another copy of the same offer.
    if (signal.type === "answer" && !this.isPending) return;
    await this.#pc.setRemoteDescription({ type: signal.type, sdp: signal.sdp });
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
    // One candidate that this browser cannot use is no reason to give up the others.
    await this.#pc.addIceCandidate(candidate ?? undefined).catch(() => {});
  }
}
