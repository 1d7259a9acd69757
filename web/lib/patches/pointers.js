/** JSON Pointers (RFC 6901): `/components/7/name`. */

/**
 * The pointer's reference tokens, none for the whole document.
 *
 * @param {string} pointer
 * @returns {string[]}
 * @throws {RangeError} with a reason
 */
export function tokens(pointer) {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) throw new RangeError("a path is empty or begins with /");
  if (/~(?![01])/.test(pointer)) throw new RangeError("in a path, ~ is followed by 0 or 1");
  const found = pointer
    .slice(1)
    .split("/")
    .map((escaped) => escaped.replaceAll("~1", "/").replaceAll("~0", "~"));
  const toPrototype = found.some((name, at) => name === "prototype" && found[at - 1] === "constructor");
  if (toPrototype || found.includes("__proto__")) throw new RangeError("the path names a prototype of JavaScript");
  return found;
}

/**
 * A member's name as it stands in a pointer.
 *
 * @param {string} name
 */
export function token(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * The array index that a token is; null for others, such as `01`, `+1` and `1e0`.
 *
 * @param {string} text
 */
export function index(text) {
  return /^(?:0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : null;
}

/**
 * A pointer for an error's text.
 *
 * @param {string} pointer
 */
export function shortened(pointer) {
  return pointer.length <= 100 ? pointer : `${pointer.slice(0, 100)}…`;
}
