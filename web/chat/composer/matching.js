/** Which of many names somebody means who types the beginning of one, in a list of completions. */

import { loadPinyin, matched } from "../dialogs/matching.js";

const HAN = /\p{Script=Han}/u;

/** Fetches the table of pinyin if any of the names needs it. @param {Iterable<string>} names */
export async function learnPinyin(names) {
  for (const name of names) if (HAN.test(name)) return loadPinyin();
}

/** Without case, width and the marks of letters. @param {string} text */
export const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();

/**
 * The best of some, in their order where they are equally good.
 *
 * @template T
 * @param {Iterable<T>} all
 * @param {string} typed
 * @param {(one: T) => string[]} namesOf
 * @param {number} most
 * @returns {T[]}
 */
export function best(all, typed, namesOf, most) {
  const query = folded(typed);
  /** @type {{ one: T, score: number }[]} */
  const found = [];
  for (const one of all) {
    const score = Math.max(...namesOf(one).map((name) => matched(folded(name), query)?.score ?? -1));
    if (score >= 0) found.push({ one, score });
  }
  return found.sort((one, other) => other.score - one.score).slice(0, most).map(({ one }) => one);
}
