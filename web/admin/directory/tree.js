/** Departments as a tree, and what moving one takes: only those that must change are changed. */

/** @typedef {{ id: number, parent_id: number | null, name: string, place: number, hidden: boolean } & Record<string, any>} Department */
/** @typedef {{ department: Department, level: number, below: Node[] }} Node */
/** @typedef {{ id: number, parent_id?: number | null, place?: number }} Change */
/** @typedef {"before" | "after" | "into"} Where */

const GAP = 100; // between neighbours, so that most moves change one department alone

/** @param {Department[]} all @returns {Node[]} the uppermost ones; what is below a department that one may not see is uppermost, too */
export function treeOf(all) {
  const known = new Set(all.map(({ id }) => id));
  const below = /** @type {Map<number | null, Department[]>} */ (new Map());
  for (const one of [...all].sort(inOrder)) {
    const parent = one.parent_id !== null && known.has(one.parent_id) ? one.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), one]);
  }
  const nodes = /** @returns {Node[]} */ (/** @type {number | null} */ parent, /** @type {number} */ level) =>
    (below.get(parent) ?? []).map((department) => ({ department, level, below: nodes(department.id, level + 1) }));
  return nodes(null, 1);
}

/** As they are shown, without what is below a closed one. @param {Node[]} tree  @param {ReadonlySet<number>} closed @returns {Node[]} */
export function shownOf(tree, closed) {
  return tree.flatMap((node) => [node, ...(closed.has(node.department.id) ? [] : shownOf(node.below, closed))]);
}

/** Where nobody has ordered them, by the order in which they came. @param {Department} one  @param {Department} other */
const inOrder = (one, other) => one.place - other.place || one.id - other.id;

/** @param {Department[]} all  @param {number | null} parentId */
const siblingsIn = (all, parentId) => all.filter(({ parent_id }) => parent_id === parentId).sort(inOrder);

/** Whether `id` is `above` or anywhere below it. @param {Department[]} all  @param {number | null} id  @param {number} above */
export function isWithin(all, id, above) {
  const parents = new Map(all.map((one) => [one.id, one.parent_id]));
  for (let at = id, steps = 0; at !== null && at !== undefined && steps <= all.length; at = parents.get(at) ?? null, steps++) if (at === above) return true;
  return false;
}

/** The names above a department, the uppermost first. @param {Department[]} all  @param {number} id */
export function pathOf(all, id) {
  const known = new Map(all.map((one) => [one.id, one]));
  const path = [];
  for (let at = known.get(id); at && path.length <= all.length; at = at.parent_id === null ? undefined : known.get(at.parent_id)) path.unshift(at.name);
  return path;
}

/**
 * Puts a department before or after another one, or below it as the last. Nothing, where it would be below itself or where it is.
 *
 * @param {Department[]} all
 * @param {number} id
 * @param {Where} where
 * @param {number} target
 * @returns {Change[]}
 */
export function moved(all, id, where, target) {
  const over = all.find((one) => one.id === target);
  if (!over || id === target) return [];
  const parent = where === "into" ? over.id : over.parent_id;
  if (isWithin(all, parent, id)) return [];
  const others = siblingsIn(all, parent).filter((one) => one.id !== id);
  const at = where === "into" ? others.length : others.findIndex((one) => one.id === target) + (where === "after" ? 1 : 0);
  return put(all, id, parent, at);
}

/**
 * By keys: up and down among its neighbours, out to its parent's, in below the neighbour above it.
 *
 * @param {Department[]} all
 * @param {number} id
 * @param {"up" | "down" | "out" | "in"} way
 * @returns {Change[]}
 */
export function stepped(all, id, way) {
  const one = all.find((each) => each.id === id);
  if (!one) return [];
  const siblings = siblingsIn(all, one.parent_id);
  const at = siblings.findIndex((each) => each.id === id);
  if (way === "up") return at > 0 ? put(all, id, one.parent_id, at - 1) : [];
  if (way === "down") return at < siblings.length - 1 ? put(all, id, one.parent_id, at + 1) : [];
  if (way === "in") return at > 0 ? moved(all, id, "into", siblings[at - 1].id) : [];
  return one.parent_id === null || !all.some((each) => each.id === one.parent_id) ? [] : moved(all, id, "after", one.parent_id);
}

/** The place of a new one below a parent: the last. @param {Department[]} all  @param {number | null} parentId */
export const lastPlace = (all, parentId) => (siblingsIn(all, parentId).at(-1)?.place ?? 0) + GAP;

/** @param {Department[]} all  @param {number} id  @param {number | null} parent  @param {number} at @returns {Change[]} */
function put(all, id, parent, at) {
  const one = /** @type {Department} */ (all.find((each) => each.id === id));
  const siblings = siblingsIn(all, parent);
  const others = siblings.filter((each) => each.id !== id);
  if (one.parent_id === parent && siblings.indexOf(one) === at) return [];
  const move = one.parent_id === parent ? {} : { parent_id: parent };
  const before = others[at - 1]?.place ?? (others[at]?.place ?? 0) - 2 * GAP;
  const after = others[at]?.place ?? before + 2 * GAP;
  if (after - before >= 2) return [{ id, ...move, place: Math.floor((before + after) / 2) }];
  // There is no room: all of them get new places.
  const order = [...others.slice(0, at), one, ...others.slice(at)];
  return order.flatMap((each, index) => {
    const place = (index + 1) * GAP;
    return each === one ? [{ id, ...move, place }] : each.place === place ? [] : [{ id: each.id, place }];
  });
}

/** As it is once the changes are made. @param {Department[]} all  @param {Change[]} changes @returns {Department[]} */
export const changed = (all, changes) => all.map((one) => ({ ...one, ...changes.find(({ id }) => id === one.id) }));
