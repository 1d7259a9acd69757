/** What one does to a page, as patches (RFC 6902) that touch as little as they can, so that others' edits fit beside them. */

import { between } from "./order.js";

/** @typedef {import("../../lib/patches/patch.js").Operation} Operation */
/** @typedef {import("./tree.js").Tree} Tree */
/** @typedef {import("./tree.js").Component} Component */

/** A component that is not in a page yet, with what is below it. @typedef {{ name: string, props?: Record<string, any>, children?: Draft[] }} Draft */

/** A place in the tree: `at` of the parent's children are before it. @typedef {{ parent: string, at: number }} Place */

const path = (/** @type {string} */ id, /** @type {string[]} */ ...members) =>
  ["", "components", id, ...members].map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");

/** Of 48 bits: two people never choose the same one. */
export function newId() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0xffff) * 2 ** 32 + low;
}

/**
 * Puts a component somewhere, with all that is below it.
 *
 * @param {Tree} tree
 * @param {Draft} draft
 * @param {Place} place
 * @returns {{ patches: Operation[], id: string }}
 */
export function add(tree, draft, place) {
  const { order, patches } = orderAt(tree, place);
  const id = newId();
  return { patches: [...patches, ...made(tree, draft, id, place, order)], id: String(id) };
}

/** @param {Tree} tree  @param {Draft} draft  @param {number} id  @param {Place} place  @param {number | string} order @returns {Operation[]} */
function made(tree, { name, props = {}, children = [] }, id, place, order) {
  const value = { id, name, parentId: Number(place.parent), order, props };
  const below = children.flatMap((child, at) => made(tree, child, newId(), { parent: String(id), at }, at + 1));
  return [{ op: "add", path: path(String(id)), value }, ...listing(tree, id, place), ...below];
}

/** Where a parent lists its children, the new one is listed. @param {Tree} tree  @param {number} id  @param {Place} place @returns {Operation[]} */
function listing(tree, id, { parent, at }) {
  const listed = tree.at(parent)?.children;
  if (!Array.isArray(listed)) return [];
  return [{ op: "add", path: path(parent, "children", String(Math.min(at, listed.length))), value: id }];
}

/** @param {Tree} tree  @param {string} id @returns {Operation[]} */
function unlisting(tree, id) {
  const parent = tree.parentOf(id);
  const at = parent === null ? -1 : (tree.at(parent)?.children?.findIndex((child) => String(child) === id) ?? -1);
  return parent === null || at < 0 ? [] : [{ op: "remove", path: path(parent, "children", String(at)) }];
}

/**
 * The order of a place, and what makes room for it where siblings have the same order.
 *
 * @param {Tree} tree
 * @param {Place} place
 * @param {string} [moving] which is none of its own siblings
 * @returns {{ order: number | string, patches: Operation[] }}
 */
function orderAt(tree, { parent, at }, moving) {
  const siblings = tree.childrenOf(parent).filter((id) => id !== moving);
  const orderOf = (/** @type {string | undefined} */ id) => (id === undefined ? null : (tree.at(id)?.order ?? 0));
  const order = between(orderOf(siblings[at - 1]), orderOf(siblings[at]));
  if (order !== null) return { order, patches: [] };
  const renumbered = siblings.map((id, place) => set(tree, id, ["order"], place < at ? place + 1 : place + 2));
  return { order: at + 1, patches: renumbered.flat() };
}

/**
 * Moves a component to a place, counted without itself. Nothing where it is there already.
 *
 * @param {Tree} tree
 * @param {string} id
 * @param {Place} place
 * @returns {Operation[]}
 */
export function move(tree, id, place) {
  const siblings = tree.childrenOf(place.parent);
  if (tree.parentOf(id) === place.parent && siblings.filter((one) => one !== id)[place.at] === siblings[siblings.indexOf(id) + 1]) return [];
  const { order, patches } = orderAt(tree, place, id);
  const moved = tree.parentOf(id) === place.parent ? [] : set(tree, id, ["parentId"], Number(place.parent));
  return [...patches, ...unlisting(tree, id), ...moved, ...set(tree, id, ["order"], order), ...listing(tree, Number(id), place)];
}

/** Removes a component with all that is below it. @param {Tree} tree  @param {string} id @returns {Operation[]} */
export function remove(tree, id) {
  return [...unlisting(tree, id), ...tree.below(id).reverse().map((one) => ({ op: /** @type {const} */ ("remove"), path: path(one) }))];
}

/** A component with what is below it, to be put elsewhere. @param {Tree} tree  @param {string} id @returns {Draft} */
export function draftOf(tree, id) {
  const { name = "", props = {} } = tree.at(id) ?? {};
  return { name, props: structuredClone(props), children: tree.childrenOf(id).map((child) => draftOf(tree, child)) };
}

/** Gives a member of a component a value; undefined: none. @param {Tree} tree  @param {string} id  @param {string[]} members  @param {any} value @returns {Operation[]} */
export function set(tree, id, members, value) {
  /** @type {any} */
  let holder = tree.at(id);
  for (const [depth, name] of members.slice(0, -1).entries()) {
    if (!Object.hasOwn(holder, name)) {
      // Written as a whole, since there is nothing to write into.
      const whole = members.slice(depth + 1).reduceRight((inner, one) => ({ [one]: inner }), value);
      return value === undefined ? [] : [{ op: "add", path: path(id, ...members.slice(0, depth + 1)), value: whole }];
    }
    holder = holder[name];
  }
  const there = Object.hasOwn(holder, members.at(-1) ?? "");
  if (value === undefined) return there ? [{ op: "remove", path: path(id, ...members) }] : [];
  return [{ op: there ? "replace" : "add", path: path(id, ...members), value }];
}
