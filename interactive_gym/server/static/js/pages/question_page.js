/** A page that leads on, and may ask something: how it is gone through, sent and remembered. */

import { actionButton, byId, sendButton } from "./dom.js";
import { Form } from "./form.js";
import { showNote, showPage } from "./pages.js";

/** @import { AdvanceReply, AdvanceScene, PageScene } from "../types.js" */

/** A page that is not answered by then says that nothing is lost. */
const LATE_MS = 1500;
const KEPT = "Your answer is kept, and sent as soon as the study can be reached.";

/**
 * @typedef {object} PageWays
 * @property {(message: () => AdvanceScene) => Promise<AdvanceReply | null>} depart
 * @property {string} key by which the page is remembered over a reload
 * @property {number} tries how often its answers were stored
 */

export class QuestionPage {
  #scene;
  #depart;
  #tries;
  #form;
  /** The pages of instructions; empty on other pages. @type {HTMLElement[]} */
  #leaves;
  #leaf = 0;
  #isSending = false;

  /**
   * Show the page.
   * @param {PageScene} scene
   * @param {PageWays} ways
   */
  constructor(scene, { depart, key, tries }) {
    this.#scene = scene;
    this.#depart = depart;
    this.#tries = tries;
    const { header, subheader, body: bodyHtml } = scene;
    showPage({ header, subheader, bodyHtml });
    const body = byId("page-body");
    this.#form = new Form(body, key, tries);
    /** @type {NodeListOf<HTMLElement>} */
    const leaves = body.querySelectorAll(":scope > .leaf");
    this.#leaves = scene.type === "instructions" ? [...leaves] : [];
    this.#showLeaf(this.#form.leaf);
    /** @type {HTMLFormElement} */ (byId("page-form")).onsubmit = (event) => {
      event.preventDefault();
      this.#goOn();
    };
  }

  /** The page has been left: what was filled in is with the server. */
  forget() {
    this.#form.forget();
  }

  get #isLastLeaf() {
    return this.#leaf >= this.#leaves.length - 1;
  }

  #goOn() {
    if (this.#isLastLeaf) {
      this.#send(false);
      return;
    }
    if (this.#form.check(this.#leaves[this.#leaf])) this.#turnTo(this.#leaf + 1);
  }

  /** @param {number} leaf */
  #turnTo(leaf) {
    this.#form.leaf = leaf;
    this.#showLeaf(leaf);
    window.scrollTo(0, 0);
    const shown = this.#leaves[leaf];
    shown.tabIndex = -1;
    shown.focus({ preventScroll: true });
  }

  /** @param {number} leaf */
  #showLeaf(leaf) {
    this.#leaf = Math.min(leaf, Math.max(0, this.#leaves.length - 1));
    for (const [index, section] of this.#leaves.entries()) section.hidden = index !== this.#leaf;
    const count = this.#leaves.length;
    showNote(count > 1 ? `Page ${this.#leaf + 1} of ${count}` : "");
    byId("page-actions").replaceChildren(...this.#buttons());
  }

  /** @returns {HTMLElement[]} */
  #buttons() {
    const buttons = [sendButton(this.#isLastLeaf ? "Continue" : "Next")];
    if (this.#leaf > 0) {
      const back = actionButton("Back", null, () => this.#turnTo(this.#leaf - 1));
      back.className = "secondary";
      buttons.push(back);
    }
    if (this.#scene.type === "consent") {
      const decline = actionButton(this.#scene.decline_label, null, () => this.#askToLeave());
      decline.className = "secondary";
      decline.dataset.action = "decline";
      buttons.push(decline);
    }
    return buttons;
  }

  /** Ask once more, as a slip would end the study for them. */
  #askToLeave() {
    const leave = actionButton("Leave the study", null, () => this.#send(true));
    leave.dataset.action = "leave";
    const back = actionButton("Back", null, () => this.#showLeaf(0));
    back.className = "secondary";
    byId("page-actions").replaceChildren(leave, back);
    showNote("Do you want to leave the study? You cannot come back then.");
    leave.focus();
  }

  /** @param {boolean} declines */
  async #send(declines) {
    if (this.#isSending) return;
    this.#form.countAttempt();
    if (!declines && !this.#form.check()) return;
    this.#isSending = true;
    const isQuiz = this.#scene.type === "quiz";
    const attempt = isQuiz ? this.#tries + 1 : this.#form.attempts;
    const late = setTimeout(() => showNote(KEPT), LATE_MS);
    const reply = await this.#depart(() => ({
      scene_id: this.#scene.scene_id,
      answers: declines ? [] : this.#form.answers(),
      age_ms: this.#form.ageMs,
      attempt,
      declines,
    }));
    clearTimeout(late);
    this.#isSending = false;
    if (reply?.faults) this.#form.show(reply.faults);
    if (reply?.wrong) this.#showWrong(reply.wrong, reply.tries_left ?? null);
  }

  /**
   * @param {string[]} wrong
   * @param {number | null} triesLeft
   */
  #showWrong(wrong, triesLeft) {
    this.#tries += 1;
    const fault = "This is not right. Please answer again.";
    this.#form.show(Object.fromEntries(wrong.map((item) => [item, fault])));
    if (triesLeft === null) showNote("");
    else showNote(triesLeft === 1 ? "You have one more try." : `You have ${triesLeft} more tries.`);
  }
}
