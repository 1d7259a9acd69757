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
  const said = /^[a-z' ]+$/.test(wanted) && HAN.test(name) ? (pinyin.value?.match(name, wanted) ?? false) : false;
  if (said) return { score: said[0] === 0 ? 3 : 2, from: said[0], to: said[1] + 1 };
  return at > 0 ? { score: 1, ...range } : null;
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
