/** JSON values: equality as RFC 6902 has it, copies, bounds. */

const HALF_OF_A_PAIR = /\p{Surrogate}/u;

/** A value has more levels of objects and arrays than there is room for. */
export class TooDeep extends Error {}

/**
 * @param {any} value
 * @returns {value is Record<string, any>}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether two values are the same; the order of members is nothing.
 *
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
export function equal(one, other) {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => equal(item, other[at]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equal(one[name], other[name]))
  );
}

/**
 * A copy of a value that a document may take in.
 *
 * @param {any} value
 * @param {number} levels of objects and arrays that it may have
 * @returns {any}
 * @throws {RangeError} with a reason, if the server would refuse the value
 * @throws {TooDeep}
 */
export function taken(value, levels) {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError("browsers do not keep numbers beyond 2^53 - 1 exactly: send a string");
    }
    return value;
  }
  if (typeof value !== "object") throw new RangeError(`${typeof value} is not JSON`);
  if (levels <= 0) throw new TooDeep();
  if (Array.isArray(value)) return value.map((item) => taken(item, levels - 1));
  if (Object.hasOwn(value, "__proto__")) throw new RangeError("no member may be called __proto__");
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [text(name), taken(item, levels - 1)]));
}

/**
 * A string that is text.
 *
 * @param {string} string
 */
export function text(string) {
  if (HALF_OF_A_PAIR.test(string)) throw new RangeError("half of a surrogate pair is not text");
  return string;
}

/**
 * How many levels of objects and arrays a value has: 0 for a string, 1 for [].
 *
 * @param {any} value
 * @returns {number}
 */
export function depth(value) {
  if (typeof value !== "object" || value === null) return 0;
  let deepest = 0;
  for (const item of Array.isArray(value) ? value : Object.values(value)) deepest = Math.max(deepest, depth(item));
  return deepest + 1;
}
