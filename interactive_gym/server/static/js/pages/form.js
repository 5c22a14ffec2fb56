/**
 * The questions of a page: what is answered, what is missing, what a reload must not lose.
 *
 * The rules are those of the browser's own constraint validation, and three of the page's: a range
 * that is required must have been moved, a `fieldset` with `data-required` needs one of its boxes,
 * and no text is longer than the server takes.
 */

/** @import { GivenAnswer } from "../types.js" */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {{values: string[], answeredAtMs: number | null}} Answer */
/** @typedef {{shownAtMs: number, attempts: number, leaf: number, answers: {[item: string]: Answer}}} Kept */

const MAX_TEXT_CHARS = 10_000;
const LONGEST_AGE_MS = 365 * 24 * 3_600_000;
const TEXTS = new Set(["text", "search", "tel", "url", "email", "password", "textarea"]);

export class Form {
  #root;
  #key;
  /** Ends the listening to what is filled in. */
  #listening = new AbortController();
  /** @type {Map<string, Control[]>} */
  #controls = new Map();
  /** @type {Kept} */
  #kept;

  /**
   * Take over the questions that the page shows, with what was answered before a reload.
   * @param {HTMLElement} root
   * @param {string} key under which the page is remembered: the participant's and the scene's
   * @param {number} tries how often the server has stored answers of this page
   */
  constructor(root, key, tries) {
    this.#root = root;
    this.#key = `interactive-gym-answers ${key}`;
    for (const control of controlsIn(root)) {
      const group = this.#controls.get(control.name) ?? [];
      this.#controls.set(control.name, [...group, control]);
      if (TEXTS.has(control.type) && !control.hasAttribute("maxlength")) {
        /** @type {HTMLInputElement} */ (control).maxLength = MAX_TEXT_CHARS;
      }
    }
    this.#kept = read(this.#key) ?? { shownAtMs: Date.now(), attempts: 0, leaf: 0, answers: {} };
    this.#kept.attempts = Math.max(this.#kept.attempts, tries);
    this.#fill();
    this.#write();
    const { signal } = this.#listening;
    root.addEventListener("input", ({ target }) => this.#note(target), { signal });
    root.addEventListener("change", ({ target }) => this.#note(target), { signal });
    root.addEventListener("pointerup", ({ target }) => isRange(target) && this.#note(target), {
      signal,
    });
  }

  /** How often the participant has wanted to go on. */
  get attempts() {
    return this.#kept.attempts;
  }

  /** Which of several pages of instructions is read. */
  get leaf() {
    return this.#kept.leaf;
  }

  set leaf(leaf) {
    this.#kept.leaf = leaf;
    this.#write();
  }

  /** Count one more attempt to go on. */
  countAttempt() {
    this.#kept.attempts += 1;
    this.#write();
  }

  /** @returns {GivenAnswer[]} */
  answers() {
    return [...this.#controls].map(([item, group]) => {
      const answeredAtMs = this.#kept.answers[item]?.answeredAtMs ?? null;
      const age_ms = answeredAtMs === null ? null : ageMs(answeredAtMs);
      return { item, values: this.#valuesOf(item, group), age_ms };
    });
  }

  /** How long ago the page was first shown, in ms. */
  get ageMs() {
    return ageMs(this.#kept.shownAtMs);
  }

  /**
   * Say beside each question what is wrong with its answer, and go to the first.
   * @param {ParentNode} [within] the part of the page that is looked at
   * @returns {boolean} whether all is right
   */
  check(within = this.#root) {
    /** @type {[string, string][]} */
    const faults = [];
    for (const [item, group] of this.#controls) {
      if (within.contains(group[0])) faults.push([item, this.#faultOf(item, group)]);
    }
    return this.show(Object.fromEntries(faults));
  }

  /**
   * Say beside each question what is wrong, and go to the first.
   * @param {{[item: string]: string}} faults empty where nothing is
   * @returns {boolean} whether nothing is wrong
   */
  show(faults) {
    /** @type {Control | null} */
    let first = null;
    for (const [item, group] of this.#controls) {
      if (!(item in faults)) continue;
      showFault(group, item, faults[item]);
      if (faults[item]) first ??= group.find((control) => control.checkValidity() === false) ?? group[0];
    }
    first?.focus();
    return first === null;
  }

  /** Forget the page, as its answers are stored. */
  forget() {
    this.#listening.abort();
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Then nothing was stored either.
    }
  }

  /**
   * @param {string} item
   * @param {Control[]} group
   */
  #faultOf(item, group) {
    const values = this.#valuesOf(item, group);
    const fieldset = group[0].closest("fieldset");
    const isBox = group[0].type === "checkbox";
    if (isBox && fieldset?.hasAttribute("data-required") && !values.length) {
      return "Please choose at least one.";
    }
    if (isRange(group[0]) && group[0].required && !values.length) {
      return "Please move the slider, or click it where it is right.";
    }
    const invalid = group.find((control) => !control.checkValidity());
    if (!invalid) return "";
    if (!invalid.validity.valueMissing) return invalid.validationMessage;
    return isBox ? "Please tick this box." : "Please answer this question.";
  }

  /**
   * @param {string} item
   * @param {Control[]} group
   * @returns {string[]}
   */
  #valuesOf(item, group) {
    if (isRange(group[0]) && !this.#kept.answers[item]?.answeredAtMs) return [];
    return group.flatMap((control) => {
      if (control instanceof HTMLSelectElement) {
        return Array.from(control.selectedOptions, ({ value }) => value);
      }
      if (control.type === "radio" || control.type === "checkbox") {
        return /** @type {HTMLInputElement} */ (control).checked ? [control.value] : [];
      }
      return control.value === "" ? [] : [control.value];
    });
  }

  /** @param {EventTarget | null} target */
  #note(target) {
    const name = /** @type {Control} */ (target)?.name;
    const group = this.#controls.get(name);
    if (!group) return;
    const answer = { values: /** @type {string[]} */ ([]), answeredAtMs: Date.now() };
    this.#kept.answers[name] = answer;
    answer.values = this.#valuesOf(name, group);
    if (isRange(group[0])) group[0].dataset.touched = "true";
    if (group[0].getAttribute("aria-invalid")) showFault(group, name, this.#faultOf(name, group));
    this.#write();
  }

  #fill() {
    for (const [item, { values }] of Object.entries(this.#kept.answers)) {
      for (const control of this.#controls.get(item) ?? []) {
        if (control instanceof HTMLSelectElement) {
          for (const option of control.options) option.selected = values.includes(option.value);
        } else if (control.type === "radio" || control.type === "checkbox") {
          /** @type {HTMLInputElement} */ (control).checked = values.includes(control.value);
        } else {
          control.value = values[0] ?? "";
          if (isRange(control)) control.dataset.touched = "true";
        }
      }
    }
  }

  #write() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // A reload then shows an empty page.
    }
  }
}

/**
 * The controls whose answers are sent.
 * @param {HTMLElement} root
 * @returns {Control[]}
 */
function controlsIn(root) {
  /** @type {NodeListOf<Control>} */
  const found = root.querySelectorAll("input, select, textarea");
  return [...found].filter((control) => control.name && !control.matches(":disabled"));
}

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement}
 */
function isRange(target) {
  return target instanceof HTMLInputElement && target.type === "range";
}

/** @param {number} atMs */
function ageMs(atMs) {
  return Math.min(LONGEST_AGE_MS, Math.max(0, Date.now() - atMs));
}

/**
 * @param {string} key
 * @returns {Kept | null}
 */
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Put a sentence beside a question, or take it away.
 * @param {Control[]} group
 * @param {string} item
 * @param {string} fault
 */
function showFault(group, item, fault) {
  // Ids that others name must have no spaces.
  const id = `fault-${encodeURIComponent(item)}`;
  document.getElementById(id)?.remove();
  for (const control of group) {
    if (fault) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    describe(control, id, Boolean(fault));
  }
  if (!fault) return;
  const sentence = document.createElement("p");
  sentence.className = "fault";
  sentence.id = id;
  sentence.textContent = fault;
  const fieldset = group.length > 1 ? group[0].closest("fieldset") : null;
  const legend = fieldset?.querySelector("legend");
  if (legend) legend.after(sentence);
  else if (isRange(group[0])) group[0].before(sentence);
  else (group[0].closest("label") ?? group[0]).after(sentence);
}

/**
 * Name the sentence as what describes a control, beside what does so already.
 * @param {Control} control
 * @param {string} id
 * @param {boolean} isDescribed
 */
function describe(control, id, isDescribed) {
  const ids = (control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  const others = ids.filter((other) => other !== id);
  const all = isDescribed ? [...others, id] : others;
  if (all.length) control.setAttribute("aria-describedby", all.join(" "));
  else control.removeAttribute("aria-describedby");
}
