/**
 * Checks the pictures of a game where they are made. The rules are those of
 * `interactive_gym.netcode.draw_commands`; here they cost next to nothing.
 */

/** The section that explains draw commands. */
const DOCS = "docs/protocol.md §6";

/**
 * @typedef {object} DrawRules
 * @property {Record<string, string>} what a field must be, by the name of its check
 * @property {Record<string, { required: string[], fields: Record<string, string> }>} kinds
 */

/** @type {Record<string, (value: any) => boolean>} */
const CHECKS = {
  number: Number.isFinite,
  size: (value) => Number.isFinite(value) && value >= 0,
  share: (value) => Number.isFinite(value) && value >= 0 && value <= 1,
  points: (value) => Array.isArray(value) && value.every(isPoint),
  source: (value) => Array.isArray(value) && value.length === 4 && value.every(CHECKS.size),
  text: (value) => typeof value === "string",
  filled: (value) => typeof value === "string" && value.trim() !== "",
  flag: (value) => typeof value === "boolean",
  align: (value) => ["left", "center", "right"].includes(value),
  count: (value) => Number.isInteger(value) && value >= 1,
  encoding: (value) => ["rgb", "rgba", "indexed", "png"].includes(value),
  base64: (value) => typeof value === "string" && value.length > 0 && value.length % 4 === 0,
  palette: (value) =>
    Array.isArray(value) && value.length >= 1 && value.length <= 256 && value.every(isColor),
  weight: (value) => typeof value === "string" || Number.isInteger(value),
};

/** @param {any} value */
function isPoint(value) {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

/** @param {any} value */
function isColor(value) {
  const isByte = (/** @type {any} */ part) => Number.isInteger(part) && part >= 0 && part <= 255;
  return Array.isArray(value) && value.length === 3 && value.every(isByte);
}

/** How many bytes a pixel has in each encoding but `png`. @type {Record<string, number>} */
const BYTES_PER_PIXEL = { rgb: 3, rgba: 4, indexed: 1 };

/**
 * What is wrong with pixels whose fields are right one by one.
 * @param {any} command
 * @returns {string | null}
 */
function wrongWithPixels({ encoding = "rgb", columns, rows, data, palette }) {
  if (encoding === "png") return null;
  if (encoding === "indexed" && !palette) {
    return "(pixels) lacks palette, which indexed pixels need";
  }
  const size = columns * rows * BYTES_PER_PIXEL[encoding];
  const given = (data.length / 4) * 3 - (data.length - data.replace(/=+$/, "").length);
  return given === size ? null : `(pixels) has ${given} bytes of data, not ${size}`;
}

/**
 * Throw an error that names the first draw command of a picture that is none.
 * @param {any} picture
 * @param {DrawRules} rules
 */
export function checkPicture(picture, rules) {
  const ids = new Set();
  for (const [index, command] of picture.entries()) {
    const found = wrongWith(command, rules) ?? doubleId(command, ids);
    if (!found) continue;
    throw new Error(`render() draws what no page can (${DOCS}): picture[${index}] ${found}.`);
  }
}

/**
 * @param {any} command
 * @param {DrawRules} rules
 * @returns {string | null}
 */
function wrongWith(command, { what, kinds }) {
  if (typeof command !== "object" || command === null || Array.isArray(command)) {
    return `is ${JSON.stringify(command)}, not a dict`;
  }
  const kind = Object.hasOwn(kinds, command.type) ? kinds[command.type] : null;
  if (!kind) {
    const known = Object.keys(kinds).join(", ");
    return `has the type ${JSON.stringify(command.type)}: use one of ${known}`;
  }
  for (const name of kind.required) {
    if (!(name in command)) return `(${command.type}) lacks ${name}`;
  }
  for (const name in command) {
    if (name === "type") continue;
    const check = kind.fields[name];
    if (!check) return `(${command.type}) has "${name}", which no ${command.type} has`;
    if (!CHECKS[check](command[name])) {
      return `(${command.type}) has ${name} = ${shortened(command[name])}, not ${what[check]}`;
    }
  }
  return command.type === "pixels" ? wrongWithPixels(command) : null;
}

/** @param {any} value */
function shortened(value) {
  const text = JSON.stringify(value);
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

/**
 * @param {any} command
 * @param {Set<string>} ids of the commands before, to which its own is added
 */
function doubleId({ id }, ids) {
  if (id === undefined) return null;
  if (ids.has(id)) return `has the id "${id}", as another one has`;
  ids.add(id);
  return null;
}
