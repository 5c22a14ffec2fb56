/** The Worker behind timers.js: answers `{id, delay_ms}` with the id when the delay is over. */

self.onmessage = ({ data }) => {
  setTimeout(() => self.postMessage(data.id), data.delay_ms);
};

export {};
