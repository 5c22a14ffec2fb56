/**
 * The page that tries the device. What only the participant can tell is asked: a key has to be
 * pressed, the window made larger. The rest is tried meanwhile. The server judges.
 */

import { tryLoopback } from "../net/loopback.js";
import { keyOf, keysOf } from "../presence/keyboard.js";
import { legendEntries } from "../view/key_legend.js";
import { actionButton, byId } from "./dom.js";
import { showNote, showPage } from "./pages.js";

/** @import { AdvanceReply, AdvanceScene, DeviceCheckScene, DeviceReport } from "../types.js" */
/** @import { Engine } from "../engine/engine.js" */
/** @import { Timers } from "../timers.js" */

/** Frames that are tried, of which the first do not count: Python is slower in them. */
const FRAMES = 120;
const WARM_UP = 30;
const MEASURING_AGAIN_MS = 700;
const MISSING =
  "Something is missing. If you can change it, please do, and load this page again. If you " +
  "cannot, please go on: you will read what that means.";

/**
 * @typedef {object} DeviceWays
 * @property {(message: () => AdvanceScene) => Promise<AdvanceReply | null>} depart
 * @property {Engine} engine
 * @property {Timers} timers
 */

/** A pen points as a mouse does. @param {string} pointerType */
function kindOf(pointerType) {
  return pointerType === "pen" ? "mouse" : pointerType;
}

/** @param {number[]} sorted @param {number} share */
function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** @param {import("../types.js").KeyCombination[]} mapping */
function keyCaps(mapping) {
  const caps = document.createElement("p");
  caps.className = "key-caps";
  const [{ combinations }] = legendEntries(mapping, [null]);
  for (const cap of combinations.flat()) {
    const key = document.createElement("kbd");
    key.textContent = cap;
    caps.append(key, " ");
  }
  return caps;
}

/**
 * One line of the list: what is tried, and how that stands.
 */
class Line {
  element = document.createElement("li");
  #state = document.createElement("span");
  #more = document.createElement("div");

  /** @param {string} label */
  constructor(label) {
    const name = document.createElement("span");
    name.className = "check-name";
    name.textContent = label;
    this.#state.className = "check-state";
    this.element.append(name, " ", this.#state, this.#more);
    this.show("open", "Being checked…");
  }

  /**
   * @param {"open"|"asked"|"good"|"bad"} state
   * @param {string} text
   * @param {HTMLElement[]} more
   */
  show(state, text, ...more) {
    this.element.dataset.state = state;
    this.#state.textContent = text;
    this.#more.replaceChildren(...more);
  }
}

export class DevicePage {
  #scene;
  #ways;
  #list = document.createElement("ul");
  #listening = new AbortController();
  /** What has still to be found out or answered. @type {Set<string>} */
  #open = new Set();
  #isSending = false;
  /** @type {Partial<DeviceReport>} */
  #found = {};
  /** @type {DeviceReport["pointer"]} */
  #pointer = null;
  #saysTooSmall = false;

  /**
   * Show the page, and begin.
   * @param {DeviceCheckScene} scene
   * @param {DeviceWays} ways
   */
  constructor(scene, ways) {
    this.#scene = scene;
    this.#ways = ways;
    this.#list.className = "checks";
    const { header, subheader, body: bodyHtml } = scene;
    showPage({ header, subheader, bodyHtml, extra: this.#list });
    const { signal } = this.#listening;
    addEventListener("pointerdown", (event) => this.#onPointer(event), { signal });
    if (scene.game) this.#askForKey(scene.game.action_mapping);
    if (scene.pointer) this.#askForPointer(scene.pointer);
    if (scene.min_window) this.#askForWindow(scene.min_window);
    if (scene.connects) this.#try("Connections to others", (line) => this.#tryConnection(line));
    if (scene.game) this.#try("Speed of the game", (line) => this.#tryGame(line));
    this.#update();
  }

  /** The page has been left. */
  forget() {
    this.#listening.abort();
  }

  /** @param {string} label */
  #line(label) {
    const line = new Line(label);
    this.#list.append(line.element);
    this.#open.add(label);
    return line;
  }

  /** @param {string} label */
  #settle(label) {
    this.#open.delete(label);
    this.#update();
  }

  /** @param {string} label @param {(line: Line) => Promise<void>} work */
  async #try(label, work) {
    const line = this.#line(label);
    await work(line);
    this.#settle(label);
  }

  /** @param {import("../types.js").KeyCombination[]} mapping */
  #askForKey(mapping) {
    const label = "Keyboard";
    const line = this.#line(label);
    const keys = keysOf(mapping);
    const none = actionButton("I have no keyboard", null, () => {
      this.#found.keyboard = false;
      line.show("bad", "Without a keyboard the game cannot be played. If you have one, press a key.");
      this.#settle(label);
    });
    none.className = "secondary";
    line.show("asked", "Please press one of the keys of the game:", keyCaps(mapping), none);
    addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !keys.has(keyOf(event, keys))) return;
        if (this.#found.keyboard) return;
        // An arrow would scroll, and the space bar press the button that has the focus.
        event.preventDefault();
        this.#found.keyboard = true;
        line.show("good", "There is one.");
        this.#settle(label);
      },
      { signal: this.#listening.signal },
    );
  }

  /** @param {"mouse"|"touch"} pointer */
  #askForPointer(pointer) {
    const label = pointer === "mouse" ? "Mouse" : "Touch screen";
    const line = this.#line(label);
    const how = pointer === "mouse" ? "click with your mouse or touchpad" : "tap the screen";
    const none = actionButton(`I have no ${label.toLowerCase()}`, null, () => {
      line.show("bad", `Without one the study does not work. If you have one, ${how}.`);
      this.#settle(label);
    });
    none.className = "secondary";
    line.show("asked", `Please ${how}, anywhere on this page.`, none);
    const { signal } = this.#listening;
    addEventListener(
      "pointerdown",
      ({ pointerType, target }) => {
        if (kindOf(pointerType) !== pointer || target === none) return;
        line.show("good", "There is one.");
        this.#settle(label);
      },
      { signal },
    );
  }

  /** @param {[number, number]} least */
  #askForWindow([width, height]) {
    const label = "Room for the game";
    const line = this.#line(label);
    const cannot = actionButton("It cannot be larger", null, () => {
      this.#saysTooSmall = true;
      look();
    });
    cannot.className = "secondary";
    const look = () => {
      if (innerWidth >= width && innerHeight >= height) {
        line.show("good", "The window is large enough.");
        this.#settle(label);
        return;
      }
      const sizes = `at least ${width} × ${height}, and it is ${innerWidth} × ${innerHeight} now`;
      if (this.#saysTooSmall) line.show("bad", `The window is too small: ${sizes}.`);
      else line.show("asked", `Please make this window larger, or zoom out: ${sizes}.`, cannot);
      if (this.#saysTooSmall) this.#open.delete(label);
      else this.#open.add(label);
      this.#update();
    };
    addEventListener("resize", look, { signal: this.#listening.signal });
    look();
  }

  /** @param {Line} line */
  async #tryConnection(line) {
    const { ice_servers } = this.#scene;
    const [webrtc, turn] = await Promise.all([
      tryLoopback(this.#ways.timers),
      ice_servers.length ? tryLoopback(this.#ways.timers, turnServersOf(ice_servers)) : null,
    ]);
    Object.assign(this.#found, { webrtc, turn });
    if (webrtc === "works") line.show("good", "This browser can connect.");
    else line.show("bad", "This browser does not connect.");
  }

  /** @param {Line} line */
  async #tryGame(line) {
    const { game } = this.#scene;
    if (!game) return;
    try {
      await this.#ways.engine.prepare(game.environment, game.pyodide_url);
      const costs = await this.#ways.engine.measure(game.config, FRAMES);
      const sorted = costs.slice(WARM_UP).sort((a, b) => a - b);
      if (sorted.length) {
        this.#found.frame_ms = quantile(sorted, 0.5);
        this.#found.frame_p95_ms = quantile(sorted, 0.95);
      }
      line.show("good", "Checked.");
    } catch (error) {
      // What is wrong is told where the game is played, with all that helps to mend it.
      console.warn("the game could not be tried:", error);
      line.show("bad", "It could not be checked.");
    }
  }

  /** @param {PointerEvent} event */
  #onPointer({ pointerType }) {
    // What was asked for has been shown, whatever is used afterwards.
    const isShown = this.#pointer !== null && kindOf(this.#pointer) === this.#scene.pointer;
    if (isShown || !["mouse", "touch", "pen"].includes(pointerType)) return;
    this.#pointer = /** @type {DeviceReport["pointer"]} */ (pointerType);
  }

  #update() {
    const button = actionButton("Continue", "advance", () => this.#send());
    const actions = byId("page-actions");
    if (this.#open.size > 0) {
      actions.replaceChildren();
      showNote("");
      return;
    }
    const lacks = this.#list.querySelector("[data-state=bad]") !== null;
    showNote(lacks ? MISSING : "All checked. Please go on.");
    if (actions.childElementCount) return;
    actions.replaceChildren(button);
    if (document.activeElement === document.body) button.focus();
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    const reply = await this.#ways.depart(() => ({
      scene_id: this.#scene.scene_id,
      device: this.#report(),
    }));
    this.#isSending = false;
    if (reply?.measuring) {
      showNote("Your connection to the study is being measured…");
      this.#ways.timers.after(MEASURING_AGAIN_MS, () => {
        if (!this.#listening.signal.aborted) this.#send();
      });
    }
  }

  /** @returns {DeviceReport} */
  #report() {
    return {
      user_agent: navigator.userAgent.slice(0, 500),
      window_width: Math.round(innerWidth),
      window_height: Math.round(innerHeight),
      screen_width: Math.round(screen.width),
      screen_height: Math.round(screen.height),
      keyboard: this.#found.keyboard ?? null,
      pointer: this.#pointer,
      missing: (document.body.dataset.missing ?? "").split(",").filter(Boolean),
      webrtc: this.#found.webrtc ?? null,
      turn: this.#found.turn ?? null,
      frame_ms: this.#found.frame_ms ?? null,
      frame_p95_ms: this.#found.frame_p95_ms ?? null,
    };
  }
}

/** @param {RTCIceServer[]} servers */
function turnServersOf(servers) {
  return servers.filter(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
}
