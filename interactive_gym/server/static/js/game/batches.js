/**
 * How much of what waits goes into one message. The server closes a connection over which more than
 * 1,000,000 bytes come at once, so a backlog is sent in pieces.
 */

const MAX_BYTES = 250_000;

const encoder = new TextEncoder();

/**
 * @param {unknown} value
 * @returns {number} how many bytes it has in a message
 */
export function bytesOf(value) {
  return encoder.encode(JSON.stringify(value)).length;
}

/**
 * @param {{bytes: number, rows: number}[]} waiting in order
 * @param {number} maxRows
 * @returns {number} how many of the first go into the next message: at least one, if there is one
 */
export function batchLength(waiting, maxRows) {
  let bytes = 0;
  let rows = 0;
  for (const [index, item] of waiting.entries()) {
    bytes += item.bytes;
    rows += item.rows;
    if (index > 0 && (bytes > MAX_BYTES || rows > maxRows)) return index;
  }
  return waiting.length;
}
