/**
 * The links to the other participants of a game. Links are restarted when they break and renewed
 * when a partner reloads.
 *
 * A page is identified by its certificate, whose fingerprint is in every description. So a
 * partner's reload is noticed even if the server's message about it was lost, and late signals of
 * an old page do not spoil the link to the new one.
 */

import { LinkMonitor } from "../net/link_monitor.js";
import { PeerLink, senderOf } from "../net/peer_link.js";

/** @import { GameCreated, GameSignal, PeerSpec, PeerStatus, Role, Signal } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { RouteStats } from "../net/peer_link.js" */
/** @import { Timers } from "../timers.js" */

const WATCH_MS = 1000;
/** A link that is silent for this long is taken for broken, even before the browser says so. */
const BROKEN_SILENCE_MS = 3000;
/** Between two attempts to restart a link. */
const RETRY_MS = 3000;
/** How long a link may take to open before it is restarted. */
const CONNECT_MS = 8000;

/**
 * @typedef {object} Partner
 * @property {number} seat
 * @property {Role} role our role in the connection
 * @property {PeerLink} link
 * @property {LinkMonitor} monitor
 * @property {string | null} page whose descriptions are accepted
 * @property {Set<string>} formerPages whose descriptions are refused
 * @property {number} incarnation the last that the server has said
 * @property {boolean} isAhead whether a description of a new page came before the server's message
 * @property {number} silenceMs
 * @property {number} triedAtMs
 * @property {RouteStats | null} stats the last statistics
 */

/**
 * @typedef {object} PartnersOptions
 * @property {GameCreated} created
 * @property {Connection} connection
 * @property {Timers} timers
 * @property {RTCCertificate | null} certificate
 * @property {(probeSessionId: string) => PeerLink | null} takeProbeLink
 * @property {(seat: number, bytes: ArrayBuffer) => void} onDatagram
 * @property {() => void} onOpen
 * @property {(seat: number, state: RTCPeerConnectionState) => void} onState
 */

export class Partners {
  #options;
  /** By seat. @type {Map<number, Partner>} */
  #partners = new Map();
  #closed = false;

  /** @param {PartnersOptions} options */
  constructor(options) {
    this.#options = options;
    for (const peer of options.created.peers) this.#add(peer);
    this.#watch();
  }

  get areAllOpen() {
    return [...this.#partners.values()].every(({ link }) => link.isOpen);
  }

  /** The largest P2P RTT to any partner in ms. @returns {number | null} */
  get rttMs() {
    const known = [...this.#partners.values()].flatMap(({ monitor }) => monitor.rttMs ?? []);
    return known.length > 0 ? Math.max(...known) : null;
  }

  /** @param {number} seat @param {ArrayBuffer} bytes */
  send(seat, bytes) {
    this.#partners.get(seat)?.link.send(bytes);
  }

  /** @param {GameSignal} message */
  receiveSignal({ from_seat, signal }) {
    const partner = this.#partners.get(from_seat);
    if (!partner) return;
    const page = senderOf(signal);
    if (page !== null) {
      if (partner.formerPages.has(page)) return;
      const known = partner.page ?? partner.link.remotePage;
      if (known !== null && known !== page) {
        this.#renew(partner);
        partner.isAhead = true;
        // This answers the old link's offer. The new link's offer is on its way.
        if (signal.type === "answer") return;
      }
      partner.page = page;
    }
    partner.link.receiveSignal(signal);
  }

  /**
   * Connect to a seat anew, in the same role, if its page is new.
   * @param {number} seat
   * @param {number} incarnation
   * @returns {boolean} whether its page is new
   */
  reload(seat, incarnation) {
    const partner = this.#partners.get(seat);
    if (!partner || incarnation <= partner.incarnation) return false;
    partner.incarnation = incarnation;
    if (!partner.isAhead) this.#renew(partner);
    partner.isAhead = false;
    return true;
  }

  /** @param {number} seat that is lost for good */
  cut(seat) {
    const partner = this.#partners.get(seat);
    if (!partner) return;
    this.#partners.delete(seat);
    partner.monitor.close();
    partner.link.close();
  }

  /** @param {PeerStatus[]} peers as the netcode reports them */
  note(peers) {
    for (const { seat, silence_ms } of peers) {
      const partner = this.#partners.get(seat);
      if (partner) partner.silenceMs = silence_ms;
    }
  }

  /** The connection to the server is back, so signals get through again. */
  onReconnect() {
    for (const partner of this.#partners.values()) {
      if (partner.link.isBroken || partner.link.isPending) this.#restart(partner);
    }
  }

  /**
   * The page's figures of a link, as fields of network.csv. Bytes are counted from one call to the
   * next.
   * @param {number | string | null} seat
   */
  async figures(seat) {
    const partner = typeof seat === "number" ? this.#partners.get(seat) : undefined;
    const stats = (await partner?.link.routeStats().catch(() => null)) ?? null;
    const before = partner?.stats;
    if (partner) partner.stats = stats;
    const rttMs = partner?.monitor.rttMs ?? null;
    return {
      link_rtt_ms: rttMs === null ? null : Math.round(10 * rttMs) / 10,
      local_candidate_type: stats?.localCandidateType ?? null,
      remote_candidate_type: stats?.remoteCandidateType ?? null,
      sent_bytes: difference(stats?.sentBytes, before?.sentBytes),
      received_bytes: difference(stats?.receivedBytes, before?.receivedBytes),
    };
  }

  close() {
    this.#closed = true;
    for (const seat of [...this.#partners.keys()]) this.cut(seat);
  }

  /** @param {PeerSpec} peer */
  #add({ seat, role, probe_session_id, incarnation = 0 }) {
    const probed = probe_session_id === null ? null : this.#options.takeProbeLink(probe_session_id);
    const link = probed ?? this.#newLink(seat, role);
    link.signalThrough((signal) => this.#signal(seat, signal));
    /** @type {Partner} */
    const partner = {
      seat,
      role,
      link,
      monitor: new LinkMonitor(link, this.#options.timers),
      page: null,
      formerPages: new Set(),
      incarnation,
      isAhead: false,
      silenceMs: 0,
      triedAtMs: performance.now(),
      stats: null,
    };
    this.#partners.set(seat, partner);
    this.#listen(partner);
    if (!probed) link.begin();
    // A link may have broken while others of the group were probed.
    else if (link.isBroken) this.#restart(partner);
  }

  /** @param {Partner} partner */
  #renew(partner) {
    const page = partner.page ?? partner.link.remotePage;
    if (page !== null) partner.formerPages.add(page);
    partner.monitor.close();
    partner.link.close();
    partner.link = this.#newLink(partner.seat, partner.role);
    partner.monitor = new LinkMonitor(partner.link, this.#options.timers);
    Object.assign(partner, { page: null, triedAtMs: performance.now(), stats: null });
    this.#listen(partner);
    partner.link.begin();
  }

  /** @param {number} seat @param {Role} role */
  #newLink(seat, role) {
    const { created, certificate } = this.#options;
    return new PeerLink({
      role,
      iceServers: created.ice_servers,
      forceRelay: created.force_relay,
      certificate,
      sendSignal: (signal) => this.#signal(seat, signal),
    });
  }

  /** @param {Partner} partner */
  #listen(partner) {
    const { seat, link, monitor } = partner;
    link.onMessage = (bytes) => {
      if (!monitor.take(bytes)) this.#options.onDatagram(seat, bytes);
    };
    link.onOpen = () => this.#options.onOpen();
    link.onState = (state) => {
      this.#options.onState(seat, state);
      if (link.isBroken) this.#restart(partner);
    };
  }

  /** @param {number} seat @param {Signal} signal */
  #signal(seat, signal) {
    const { created, connection } = this.#options;
    connection.send("game_signal", { game_id: created.game_id, to_seat: seat, signal });
  }

  /** Restart links that do not work. A restart may fail, so it is repeated. */
  #watch() {
    if (this.#closed) return;
    const nowMs = performance.now();
    for (const partner of this.#partners.values()) {
      const { link, silenceMs, triedAtMs } = partner;
      const isMute = link.isOpen && silenceMs > BROKEN_SILENCE_MS;
      const waitMs = link.isBroken || link.isPending || isMute ? RETRY_MS : CONNECT_MS;
      const isWell = link.isOpen && !link.isBroken && !link.isPending && !isMute;
      if (!isWell && nowMs - triedAtMs >= waitMs) this.#restart(partner);
    }
    this.#options.timers.after(WATCH_MS, () => this.#watch());
  }

  /** @param {Partner} partner */
  #restart(partner) {
    // Signals kept until there is a connection would all go out at once. The watch tries again.
    if (!this.#options.connection.isConnected) return;
    partner.triedAtMs = performance.now();
    partner.link.restart();
  }
}

/**
 * @param {number | null | undefined} now
 * @param {number | null | undefined} before
 */
function difference(now, before) {
  return typeof now === "number" && now >= (before ?? 0) ? now - (before ?? 0) : null;
}
