/**
 * Words of a page in the reader's language, from a catalogue for each. Messages are a subset of ICU's MessageFormat:
 * `{name}` is a value, and `{n, plural, =0 {nothing} one {# file} other {# files}}` is chosen by `Intl.PluralRules`, with
 * `#` as the number in the reader's form.
 */

/** @typedef {Record<string, string | number>} Values */
/** @typedef {"en" | "zh"} Language */

const CHOSEN = "fechatter.language";
/** @type {Language[]} */
export const LANGUAGES = ["en", "zh"];
const TAGS = { en: "en", zh: "zh-Hans" };

/** What has been chosen in this browser, or else what it asks for. */
export function chosenLanguage() {
  const asked = globalThis.localStorage?.getItem(CHOSEN) ?? globalThis.navigator?.language ?? "en";
  return /^zh\b/i.test(asked) ? "zh" : "en";
}

/** @param {Language} language */
export function chooseLanguage(language) {
  localStorage.setItem(CHOSEN, language);
}

/** As `lang` has it. @param {Language} language */
export const tagOf = (language) => TAGS[language];

const UNITS = /** @type {const} */ (["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"]);

/** "1.4 MB", "0 bytes", in steps of 1024 as quotas are. @param {number} bytes  @param {string} tag of the language */
export function bytesInWords(bytes, tag) {
  const at = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** at;
  return new Intl.NumberFormat(tag, { style: "unit", unit: UNITS[at], unitDisplay: at ? "short" : "long", maximumFractionDigits: at && size < 10 ? 1 : 0 }).format(size);
}

/**
 * A function that says the message of a key, with values. A key without a message is an error: the catalogues have the same.
 *
 * @param {Record<string, string>} messages
 * @param {Language} language
 */
export function speaker(messages, language) {
  const plurals = new Intl.PluralRules(TAGS[language]);
  const numbers = new Intl.NumberFormat(TAGS[language]);
  return (/** @type {string} */ key, /** @type {Values} */ values = {}) => {
    const message = messages[key];
    if (message === undefined) throw new Error(`There are no words for ${key}.`);
    return formatted(message, values, { plurals, numbers });
  };
}

/**
 * @param {string} message
 * @param {Values} values
 * @param {{ plurals: Intl.PluralRules, numbers: Intl.NumberFormat }} forms
 * @returns {string}
 */
function formatted(message, values, forms) {
  let text = "";
  for (let at = 0; at < message.length; ) {
    if (message[at] !== "{") {
      text += message[at++];
      continue;
    }
    const end = closing(message, at);
    text += argument(message.slice(at + 1, end), values, forms);
    at = end + 1;
  }
  return text;
}

/**
 * @param {string} inside what is between braces
 * @param {Values} values
 * @param {{ plurals: Intl.PluralRules, numbers: Intl.NumberFormat }} forms
 */
function argument(inside, values, forms) {
  const [name, kind] = inside.split(",", 2).map((part) => part.trim());
  const value = values[name];
  if (value === undefined) throw new Error(`The message needs ${name}.`);
  if (kind !== "plural") return typeof value === "number" ? forms.numbers.format(value) : value;
  const choices = choicesOf(inside.slice(inside.indexOf("plural") + "plural".length));
  const chosen = choices[`=${value}`] ?? choices[forms.plurals.select(Number(value))] ?? choices.other;
  return formatted(chosen.replaceAll("#", forms.numbers.format(Number(value))), values, forms);
}

/** "one {# file} other {# files}" by its categories. @param {string} text */
function choicesOf(text) {
  const choices = /** @type {Record<string, string>} */ ({});
  for (let at = text.indexOf("{"), from = 0; at >= 0; at = text.indexOf("{", from)) {
    const end = closing(text, at);
    choices[text.slice(from, at).replace(",", "").trim()] = text.slice(at + 1, end);
    from = end + 1;
  }
  return choices;
}

/** Where the brace at `from` is closed. @param {string} text  @param {number} from */
function closing(text, from) {
  for (let at = from, depth = 0; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`A brace is not closed: ${text}`);
}
