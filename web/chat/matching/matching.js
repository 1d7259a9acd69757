/**
 * What somebody means by a few letters: parts of a name, its initials, or the pinyin of its Chinese characters, which is
 * fetched when it is first needed.
 */

import { signal } from "../../vendor/preact.js";

/** @typedef {{ match: (text: string, typed: string) => [number, number] | false }} Pinyin */

const HAN = /\p{Script=Han}/u;
const pinyin = signal(/** @type {Pinyin | null} */ (null));

/** Resolves once names can be found by their pinyin; views that have matched something before are drawn again then. */
export async function loadPinyin() {
  const { default: loaded } = await import("../../vendor/pinyin.js");
  pinyin.value = loaded;
}

/** The same if any of the names needs it. @param {Iterable<string>} names */
export async function learnPinyin(names) {
  for (const name of names) if (HAN.test(name)) return loadPinyin();
}

/** Without case, width and the marks of letters. @param {string} text */
export const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();

/**
 * How well a name is what was typed, and which of its characters say so; null: it is not. A beginning is better than the
 * beginning of a word, that is better than initials, those than pinyin, and that than something in the middle.
 *
 * @param {string} name
 * @param {string} typed
 * @returns {{ score: number, from: number, to: number } | null}
 */
export function matched(name, typed) {
  const [text, wanted] = [folded(name), folded(typed.trim())];
  if (!wanted) return { score: 0, from: 0, to: 0 };
  const at = text.indexOf(wanted);
  const range = text.length === name.length && at >= 0 ? { from: at, to: at + wanted.length } : { from: 0, to: 0 };
  if (at === 0) return { score: 5, ...range };
  if (at > 0 && !/[\p{L}\p{N}]/u.test(text[at - 1])) return { score: 4, ...range };
  if (initials(text).startsWith(wanted.replaceAll(" ", ""))) return { score: 3, from: 0, to: 0 };
  const said = spoken(name, text, wanted);
  if (said) return { score: said.from === 0 ? 3 : 2, ...said };
  return at > 0 ? { score: 1, ...range } : null;
}

/**
 * Where a name with Chinese characters is said by what was typed: by their pinyin, whole or begun, one after the other, and
 * by characters themselves: "zhangsan", "zs", "zsan", "zhang三".
 *
 * @param {string} name
 * @param {string} text the name, folded
 * @param {string} wanted
 */
function spoken(name, text, wanted) {
  const known = pinyin.value;
  if (!known || !/[a-z]/.test(wanted) || !HAN.test(name)) return null;
  const whole = /^[a-z' ]+$/.test(wanted) ? known.match(name, wanted) : false;
  if (whole) return { from: whole[0], to: whole[1] + 1 };
  if (text.length !== name.length) return null;
  const typed = wanted.replace(/[' ]/g, "");
  for (let from = 0; from < text.length; from += 1) {
    const to = text[from] === " " ? -1 : saidFrom(known, text, from, typed, 0);
    if (to >= 0) return { from, to };
  }
  return null;
}

const LONGEST_SYLLABLE = 6; // "zhuang"

/** Where in a name that ends which was typed from a place on, or -1. @param {Pinyin} known  @param {string} text  @param {number} at  @param {string} typed  @param {number} done @returns {number} */
function saidFrom(known, text, at, typed, done) {
  if (done === typed.length) return at;
  if (at === text.length) return -1;
  if (text[at] === " ") return saidFrom(known, text, at + 1, typed, done);
  if (text[at] === typed[done]) {
    const to = saidFrom(known, text, at + 1, typed, done + 1);
    if (to >= 0) return to;
  }
  if (!HAN.test(text[at])) return -1;
  for (let end = Math.min(typed.length, done + LONGEST_SYLLABLE); end > done; end -= 1) {
    const syllable = typed.slice(done, end);
    if (!/^[a-z]+$/.test(syllable) || !known.match(text[at], syllable)) continue;
    const to = saidFrom(known, text, at + 1, typed, end);
    if (to >= 0) return to;
  }
  return -1;
}

/** "ml" of "Moon landing". @param {string} text */
function initials(text) {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.length > 1 ? words.map((word) => [...word][0]).join("") : "";
}

const USED = "fechatter.used";
const HALF_LIFE_MS = 3 * 24 * 3600 * 1000;
const MOST_USED = 200;

/** @typedef {Record<string, [number, number]>} Used what was opened: how often of late, as of when */

/** @returns {Used} */
function used() {
  try {
    return JSON.parse(localStorage.getItem(USED) ?? "{}");
  } catch {
    return {};
  }
}

/** How often, and how recently, something was opened: each time counts for half after three days. @param {string} key  @param {number} [now] @param {Used} [all] */
export function frecency(key, now = Date.now(), all = used()) {
  const [count, at] = all[key] ?? [0, now];
  return count * 2 ** ((at - now) / HALF_LIFE_MS);
}

/** @param {string} key  @param {number} [now] */
export function use(key, now = Date.now()) {
  const all = used();
  all[key] = [frecency(key, now, all) + 1, now];
  const kept = Object.entries(all).sort(([one], [other]) => frecency(other, now, all) - frecency(one, now, all)).slice(0, MOST_USED);
  localStorage.setItem(USED, JSON.stringify(Object.fromEntries(kept)));
}

/**
 * Those of these that are meant, best first; what is used often comes before what matches as well.
 *
 * @template {{ key: string, name: string, also?: string }} T
 * @param {T[]} items
 * @param {string} typed
 * @param {number} [now]
 * @returns {(T & { from: number, to: number })[]}
 */
export function found(items, typed, now = Date.now()) {
  const all = used();
  const scored = [];
  for (const item of items) {
    const hit = matched(item.name, typed) ?? (item.also ? matched(item.also, typed) && { score: 1, from: 0, to: 0 } : null);
    if (hit) scored.push({ item: { ...item, from: hit.from, to: hit.to }, worth: hit.score * 2 + Math.min(1.9, Math.log1p(frecency(item.key, now, all))) });
  }
  return scored.sort((one, other) => other.worth - one.worth).map(({ item }) => item);
}

/**
 * The best of some that have several names, in their order where they are equally good: for lists of completions.
 *
 * @template T
 * @param {Iterable<T>} all
 * @param {string} typed
 * @param {(one: T) => string[]} namesOf
 * @param {number} most
 * @returns {T[]}
 */
export function best(all, typed, namesOf, most) {
  const scored = [];
  for (const one of all) {
    const score = Math.max(...namesOf(one).map((name) => matched(name, typed)?.score ?? -1));
    if (score >= 0) scored.push({ one, score });
  }
  return scored.sort((one, other) => other.score - one.score).slice(0, most).map(({ one }) => one);
}
