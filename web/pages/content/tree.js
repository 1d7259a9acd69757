/**
 * The tree of a page's components, from its content: `{rootId, components: {id: {id, name, props, parentId, order, children?}}}`.
 * The server keeps it whole; members that are unknown here stay as they are.
 */

import { compare } from "./order.js";

/**
 * @typedef {object} Component as it is in the content; `name` is its kind
 * @property {number} id
 * @property {string} [name]
 * @property {string} [desc]
 * @property {Record<string, any>} [props]
 * @property {number} [parentId]
 * @property {import("./order.js").Order} [order]
 * @property {number[]} [children]
 */

/** @typedef {{ rootId: number, components: Record<string, Component> }} Content */

export class Tree {
  /** @type {Map<string, string[]>} */
  #children = new Map();
  /** @type {Map<string, string>} */
  #parents = new Map();

  /** @param {Content} content */
  constructor(content) {
    this.components = content.components;
    this.root = String(content.rootId);
    for (const [id, { parentId, children = [] }] of Object.entries(this.components)) {
      for (const child of children) this.#parents.set(String(child), id);
      if (parentId !== undefined && parentId !== null) this.#parents.set(id, String(parentId));
    }
    for (const [id, parent] of this.#parents) {
      const siblings = this.#children.get(parent);
      if (siblings) siblings.push(id);
      else this.#children.set(parent, [id]);
    }
    for (const [id, below] of this.#children) below.sort(this.#comparing(id));
  }

  /** Those that a component lists come first, in that order. @param {string} parent */
  #comparing(parent) {
    const listed = this.components[parent]?.children?.map(String) ?? [];
    const place = (/** @type {string} */ id) => (listed.includes(id) ? listed.indexOf(id) : listed.length);
    return (/** @type {string} */ a, /** @type {string} */ b) =>
      place(a) - place(b) || compare(this.components[a].order, this.components[b].order) || Number(a) - Number(b);
  }

  /** @param {string} id @returns {Component | undefined} */
  at(id) {
    return Object.hasOwn(this.components, id) ? this.components[id] : undefined;
  }

  /** @param {string} id */
  childrenOf(id) {
    return this.#children.get(id) ?? [];
  }

  /** @param {string} id @returns {string | null} */
  parentOf(id) {
    return this.#parents.get(id) ?? null;
  }

  /** A component with all that is below it, from above. @param {string} [id] @returns {string[]} */
  below(id = this.root) {
    return [id, ...this.childrenOf(id).flatMap((child) => this.below(child))];
  }

  /** Whether the first is the second, or above it. @param {string} upper  @param {string} lower */
  holds(upper, lower) {
    for (let at = /** @type {string | null} */ (lower); at !== null; at = this.parentOf(at)) if (at === upper) return true;
    return false;
  }

  /** How far below the root. @param {string} id */
  depthOf(id) {
    let depth = 0;
    for (let at = this.parentOf(id); at !== null; at = this.parentOf(at)) depth++;
    return depth;
  }
}
