/**
 * A patch from one document to another.
 *
 * @import { Operation } from "./patch.js"
 */
import { token } from "./pointers.js";
import { equal, isObject } from "./values.js";

// How far down a difference is looked for: to single values; to whole components (`/components/7`); not at all.
const DEPTHS = [1000, 2, 0];

/**
 * A patch that makes `now` of `old`, up to the order of members, with at most `most` operations. It names what has
 * changed as exactly as that many can: values; else whole components; else all at once. It shares values with `now`.
 *
 * @param {any} old
 * @param {any} now
 * @param {number} [most]
 * @returns {Operation[]}
 */
export function difference(old, now, most = 1000) {
  /** @type {Operation[]} */
  let patch = [];
  for (const depth of DEPTHS) {
    patch = [...compared(old, now, "", depth)];
    if (patch.length <= most) break;
  }
  return patch;
}

/**
 * @param {any} old
 * @param {any} now
 * @param {string} path
 * @param {number} depth
 * @returns {Generator<Operation>}
 */
function* compared(old, now, path, depth) {
  if (depth > 0 && isObject(old) && isObject(now)) {
    for (const name of Object.keys(old)) {
      if (!Object.hasOwn(now, name)) yield { op: "remove", path: `${path}/${token(name)}` };
    }
    for (const [name, value] of Object.entries(now)) {
      const below = `${path}/${token(name)}`;
      if (Object.hasOwn(old, name)) yield* compared(old[name], value, below, depth - 1);
      else yield { op: "add", path: below, value };
    }
  } else if (depth > 0 && Array.isArray(old) && Array.isArray(now)) {
    yield* comparedArrays(old, now, path, depth);
  } else if (!equal(old, now)) yield { op: "replace", path, value: now };
}

/**
 * Of arrays with other lengths, what is between the elements that are equal at the beginning and the end.
 *
 * @param {any[]} old
 * @param {any[]} now
 * @param {string} path
 * @param {number} depth
 * @returns {Generator<Operation>}
 */
function* comparedArrays(old, now, path, depth) {
  let [first, end] = [0, 0];
  const shorter = Math.min(old.length, now.length);
  if (old.length !== now.length) {
    while (first < shorter && equal(old[first], now[first])) first += 1;
    while (end < shorter - first && equal(old[old.length - 1 - end], now[now.length - 1 - end])) end += 1;
  }
  const common = shorter - end;
  for (let at = first; at < common; at += 1) yield* compared(old[at], now[at], `${path}/${at}`, depth - 1);
  for (let at = old.length - end - 1; at >= common; at -= 1) yield { op: "remove", path: `${path}/${at}` };
  for (let at = common; at < now.length - end; at += 1) yield { op: "add", path: `${path}/${at}`, value: now[at] };
}
