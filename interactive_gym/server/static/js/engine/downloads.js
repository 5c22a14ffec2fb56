/**
 * Watches what the engine's Worker downloads. Pyodide reports no progress, and it waits for ever
 * for a download that breaks off or comes to a halt.
 */

/** After so many seconds in which nothing has come, a download has come to a halt. */
const QUIET_S = 20;

/**
 * A `fetch` that tells how many bytes have arrived, and of failures.
 *
 * What it answers is the browser's own response, and a copy of it is counted: only for its own
 * responses does Chromium keep the compiled code of WebAssembly beside the file, which later loads
 * then do not compile again.
 * @param {typeof fetch} originalFetch
 * @param {(bytes: number) => void} onBytes
 * @param {(error: Error) => void} onFailure
 * @returns {typeof fetch}
 */
function countingFetch(originalFetch, onBytes, onFailure) {
  return async (input, init) => {
    const response = await originalFetch(input, init).catch((error) => {
      onFailure(error);
      throw error;
    });
    if (!response.ok) onFailure(new Error(`${response.url} answered ${response.status}`));
    if (response.ok && response.body) {
      const count = new WritableStream({ write: (chunk) => onBytes(chunk.byteLength) });
      response.clone().body?.pipeTo(count).catch(onFailure);
    }
    return response;
  };
}

/**
 * Carry out work that downloads.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(bytes: number) => void} onBytes how many more bytes have arrived
 * @returns {Promise<T>} rejects also if a download fails, or if none goes on
 */
export async function watchDownloads(work, onBytes) {
  const originalFetch = self.fetch;
  let quietS = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;
  try {
    return await new Promise((resolve, reject) => {
      self.fetch = countingFetch(
        originalFetch,
        (bytes) => {
          quietS = 0;
          onBytes(bytes);
        },
        reject,
      );
      // Seconds in which the Worker computes do not count, as nothing can arrive in them.
      clock = setInterval(() => {
        quietS += 1;
        if (quietS < QUIET_S) return;
        reject(new Error(`the download has come to a halt: nothing for ${QUIET_S} seconds`));
      }, 1000);
      work().then(resolve, reject);
    });
  } finally {
    clearInterval(clock);
    self.fetch = originalFetch;
  }
}
