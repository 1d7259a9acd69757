/**
 * All emoji with their names, in the reader's language and in English, and how one is found among them. The tables are large,
 * so they are fetched when emoji are first looked for.
 */

import { folded } from "../../matching/matching.js";

/**
 * @typedef {object} Emoji
 * @property {string} text what is written: the emoji, or `:name:` of one of the workspace
 * @property {string} name in the reader's language
 * @property {string[]} codes its names between colons
 * @property {string[]} words by which it is found
 * @property {boolean} tones whether it comes in skin tones
 * @property {number} group as emojibase numbers them, or CUSTOM
 * @property {string} [picture] the path of its picture, if it is one of the workspace
 */

export const CUSTOM = -1;

/** @type {Map<string, Promise<Emoji[]>>} */
const tables = new Map();

/** The table in a language. @param {string} language "en" or "zh" @returns {Promise<Emoji[]>} */
export function emojiTable(language) {
  const known = tables.get(language) ?? fetched(language);
  tables.set(language, known);
  known.catch(() => tables.delete(language)); // and is fetched again next time
  return known;
}

/** @param {string} language */
async function fetched(language) {
  const english = import("../../../vendor/emoji_en.js");
  if (language !== "zh") return tableOf((await english).default);
  const [first, second] = await Promise.all([english, import("../../../vendor/emoji_zh.js")]);
  return tableOf(first.default, second.default);
}

/** @param {string} english @param {string} [chinese] row by row the same emoji @returns {Emoji[]} */
export function tableOf(english, chinese) {
  const other = chinese?.split("\n");
  let group = 0;
  /** @type {Emoji[]} */
  const all = [];
  for (const row of english.split("\n")) {
    if (row.startsWith("#") && !row.includes("\t")) {
      group = Number(row.slice(1));
      continue;
    }
    const [text, label, codes = "", words = "", tones = ""] = row.split("\t");
    const [name = label, more = ""] = other?.[all.length]?.split("\t") ?? [];
    const found = [name, label, ...codes.split(" "), ...words.split(" "), ...more.split(" ")].filter(Boolean);
    all.push({ text, name, codes: codes.split(" ").filter(Boolean), words: [...new Set(found)], tones: tones === "1", group });
  }
  return all;
}

/** The emoji of a workspace in the form of the others. @param {Iterable<[string, Record<string, any>]>} custom @returns {Emoji[]} */
export function customEmoji(custom) {
  return [...custom].map(([name, { file_id }]) => ({
    text: `:${name}:`, name, codes: [name], words: [name, ...name.split(/[_+-]/)].filter(Boolean), tones: false, group: CUSTOM,
    picture: `/api/files/${file_id}`,
  }));
}

/** Names and words as they are compared, made when emoji are first searched. @type {WeakMap<Emoji, [string[], string[]]>} */
const compared = new WeakMap();

/** @param {Emoji} one */
function comparedOf(one) {
  const known = compared.get(one) ?? /** @type {[string[], string[]]} */ ([[one.name, ...one.codes].map(folded), one.words.map(folded)]);
  compared.set(one, known);
  return known;
}

/** @param {string[]} names  @param {string} typed */
const fitOf = (names, typed) => Math.min(...names.map((name) => fits(name, typed)));

/** @param {string} name  @param {string} typed */
function fits(name, typed) {
  if (!name.startsWith(typed)) return name.includes(typed) ? 3 : Infinity;
  if (name.length === typed.length) return 0;
  return /[ _]/.test(name[typed.length]) ? 0.5 : 1;
}

/**
 * Those that are meant by some words, the best first: each word must fit, and a name counts more than what it is about.
 *
 * @param {Emoji[]} all
 * @param {string} typed
 * @param {number} [most]
 */
export function foundEmoji(all, typed, most = 200) {
  const query = folded(typed.replaceAll(":", " ")).split(/\s+/).filter(Boolean);
  if (!query.length) return all.slice(0, most);
  /** @type {{ one: Emoji, fit: number }[]} */
  const found = [];
  for (const one of all) {
    const [names, words] = comparedOf(one);
    let fit = 0;
    for (const word of query) fit += Math.min(fitOf(names, word), fitOf(words, word) + 0.75);
    if (fit < Infinity) found.push({ one, fit });
  }
  return found.sort((one, other) => one.fit - other.fit).slice(0, most).map(({ one }) => one);
}

export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];

/** An emoji in a skin tone. @param {Emoji} emoji  @param {number} tone one of TONES */
export function toned({ text, tones }, tone) {
  if (!tone || !tones) return text;
  return text.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, `$1${TONES[tone]}`);
}

const RECENT = "fechatter.recent-emoji";
const TONE = "fechatter.skin-tone";
const MOST_RECENT = 24;

/** What was chosen last in this browser, the newest first. @returns {string[]} */
export const recentEmoji = () => (localStorage.getItem(RECENT) ?? "").split(" ").filter(Boolean);

/** @param {string} text */
export function rememberEmoji(text) {
  localStorage.setItem(RECENT, [text, ...recentEmoji().filter((one) => one !== text)].slice(0, MOST_RECENT).join(" "));
}

export const chosenTone = () => Number(localStorage.getItem(TONE) ?? 0);

/** @param {number} tone */
export const chooseTone = (tone) => localStorage.setItem(TONE, String(tone));
