/**
 * What a patch has read and written, and whether two patches conflict: as chat_core/documents/patches/effects.py says.
 *
 * @typedef {["R" | "W" | "S" | "A", string]} Effect
 */

const MEMBERS = new Set(["id", "name", "desc", "props", "parentId", "order", "children"]);

/**
 * Whether the order of two patches may matter: whether a path of one's effects is at or above one of the other's. Two
 * reads do not conflict, nor do two appends to the same array.
 *
 * @param {Effect[]} some
 * @param {Effect[]} others
 */
export function conflict(some, others) {
  return above(some, others) || above(others, some);
}

/**
 * Whether a patch with these effects may have made a valid page invalid.
 *
 * @param {Effect[]} effects
 */
export function touchesStructure(effects) {
  return effects.some(([type, path]) => type !== "R" && isStructure(path));
}

/**
 * @param {Effect[]} upper
 * @param {Effect[]} lower
 */
function above(upper, lower) {
  /** @type {Map<string, string>} by path, the types of effects there: one letter if all are alike */
  const types = new Map();
  for (const [type, path] of upper) {
    const known = types.get(path) ?? "";
    if (!known.includes(type)) types.set(path, known + type);
  }
  for (const [type, path] of lower) {
    for (let end = path.length; end >= 0; end = end > 0 ? path.lastIndexOf("/", end - 1) : -1) {
      const found = types.get(path.slice(0, end));
      const besides = found === type && (type === "R" || (type === "A" && end === path.length));
      if (found && !besides) return true;
    }
  }
  return false;
}

/** @param {string} path */
function isStructure(path) {
  const [, top, id, member, below] = path.split("/");
  if (top !== undefined && top !== "components" && top !== "rootId") return false;
  if (id === undefined || member === undefined) return true;
  return MEMBERS.has(member) && (member !== "props" || below === undefined);
}
