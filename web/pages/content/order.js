/**
 * Where a component is among its siblings: `order`, a number or a text. Numbers come first; texts are compared as they are.
 * Between any two there is room for another, so that whoever moves a component changes nothing of its siblings.
 */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** @typedef {number | string | undefined} Order of a component without one: 0 */

/** @param {Order} a  @param {Order} b */
export function compare(a = 0, b = 0) {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * An order after `before` and in front of `after`; null: at the beginning or the end. Null where there is no room, since both
 * are alike.
 *
 * @param {Order | null} before
 * @param {Order | null} after
 * @returns {number | string | null}
 */
export function between(before, after) {
  if (before !== null && after !== null && compare(before, after) >= 0) return null;
  if (after !== null && typeof (after ?? 0) === "number") {
    const high = Number(after ?? 0);
    if (before === null) return high - 1;
    const middle = (Number(before ?? 0) + high) / 2;
    return middle > Number(before ?? 0) && middle < high ? middle : null;
  }
  return middleOf(typeof before === "string" ? before : "", typeof after === "string" ? after : null);
}

/** A text between two, which does not end in the lowest digit, so that there is always one in front of it. @param {string} low  @param {string | null} high */
function middleOf(low, high) {
  let made = "";
  for (let place = 0; ; place++) {
    const from = place < low.length ? DIGITS.indexOf(low[place]) : 0;
    const bound = high?.startsWith(made) ? high : null;
    const to = bound === null ? DIGITS.length : DIGITS.indexOf(bound[place] ?? "none");
    if (from < 0 || to < 0) return null; // some other client's digits, or a text with nothing in front of it
    if (to - from > 1) return made + DIGITS[(from + to) >> 1];
    made += DIGITS[from];
  }
}
