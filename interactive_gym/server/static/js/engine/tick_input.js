/** The input of the engine's next tick: the participant's action and the datagrams that arrived. */

/** Datagrams kept for the next tick at most. No game sends as many in one tick. */
const MAX_QUEUED_PACKETS = 512;
const RECORD_HEADER_BYTES = 3;

/**
 * The datagrams that arrived since the last tick. The game loop reads them as records of a seat
 * (uint8), a length (uint16, big endian) and the datagram.
 */
export class PacketQueue {
  /** @type {{seat: number, bytes: ArrayBuffer}[]} */
  #packets = [];

  /** @param {number} seat @param {ArrayBuffer} bytes */
  push(seat, bytes) {
    if (this.#packets.length < MAX_QUEUED_PACKETS) this.#packets.push({ seat, bytes });
  }

  /** @returns {Uint8Array | undefined} */
  take() {
    if (this.#packets.length === 0) return undefined;
    const packets = this.#packets;
    this.#packets = [];
    let size = 0;
    for (const { bytes } of packets) size += RECORD_HEADER_BYTES + bytes.byteLength;
    const records = new Uint8Array(size);
    const view = new DataView(records.buffer);
    let offset = 0;
    for (const { seat, bytes } of packets) {
      view.setUint8(offset, seat);
      view.setUint16(offset + 1, bytes.byteLength);
      records.set(new Uint8Array(bytes), offset + RECORD_HEADER_BYTES);
      offset += RECORD_HEADER_BYTES + bytes.byteLength;
    }
    return records;
  }
}

/**
 * The participant's action, sampled once a tick. A key that is pressed and released between two
 * ticks still counts for one tick, even while another key is held.
 */
export class ActionSampler {
  /** The actions since the last tick, as a stack: releasing one leads back to the one below. */
  #actions;
  #hasRisen = false;
  /** @type {number | null} */
  #tapped = null;
  hidden = false;

  /** @param {number} defaultAction */
  constructor(defaultAction) {
    this.#actions = [defaultAction];
  }

  /** @param {number} action @param {boolean} hidden */
  set(action, hidden) {
    this.hidden = hidden;
    const place = this.#actions.indexOf(action);
    if (hidden) {
      this.#actions = [action];
      this.#tapped = null;
    } else if (place < 0) {
      this.#actions.push(action);
    } else {
      const ended = this.#actions.splice(place + 1).at(-1);
      // An action below a tap was held together with it and is no tap of its own.
      if (ended !== undefined && this.#hasRisen) this.#tapped = ended;
    }
    this.#hasRisen = place < 0;
  }

  get action() {
    return this.#tapped ?? this.#actions[this.#actions.length - 1];
  }

  /** The action has been applied. */
  consume() {
    this.#actions = this.#actions.slice(-1);
    this.#tapped = null;
  }
}
