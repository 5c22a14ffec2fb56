/**
 * Where the server's files are. Its addresses in payloads are relative to the folder of the page,
 * which may be at any path of a proxy. That folder is known from where this module came from.
 */

const FOLDER = new URL("../../../", import.meta.url);

/**
 * The full address of what the server names.
 * @param {string} address relative to the page's folder
 */
export function served(address) {
  return new URL(address, FOLDER).href;
}

/** The path of the server's Socket.IO endpoint. */
export const SOCKET_IO_PATH = new URL("socket.io/", FOLDER).pathname;
