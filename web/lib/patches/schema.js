/**
 * What a page must look like: as chat_core/documents/patches/schema.py says.
 *
 * @import { Effect } from "./effects.js"
 */
import { touchesStructure } from "./effects.js";
import { isObject } from "./values.js";

/** The content of a new page. */
export function newPage() {
  return { rootId: 1, components: { 1: { id: 1, name: "Page", desc: "页面根节点" } } };
}

/**
 * Why a document is not a valid page, null if it is. With the effects of a patch that was applied to a valid page, only
 * what they may have broken is looked at.
 *
 * @param {any} document
 * @param {"page" | "free"} [schema]
 * @param {Effect[]} [effects]
 * @returns {string | null}
 */
export function problem(document, schema = "page", effects = undefined) {
  if (schema === "free" || (effects && !touchesStructure(effects))) return null;
  if (!isObject(document)) return "a page is an object";
  const components = own(document, "components");
  if (!isObject(components)) return "components is an object";
  const root = keyOf(own(document, "rootId"));
  if (root === null || !Object.hasOwn(components, root)) return "rootId names no component";
  /** @type {Map<string, string>} */
  const parents = new Map();
  for (const [key, component] of Object.entries(components)) {
    const found = componentProblem(key, component, components, parents);
    if (found) return found;
  }
  if (parents.has(root)) return "the root component has no parent";
  return treeProblem(root, components, parents);
}

/** @type {[string, (value: any) => boolean][]} */
const TYPES = [
  ["name", (value) => typeof value === "string"],
  ["desc", (value) => typeof value === "string"],
  ["props", isObject],
  ["order", (value) => typeof value === "string" || typeof value === "number"],
  ["children", Array.isArray],
];

/**
 * What is wrong with a component by itself; notes in `parents` what it says of itself and its children.
 *
 * @param {string} key
 * @param {any} component
 * @param {Record<string, any>} components
 * @param {Map<string, string>} parents
 */
function componentProblem(key, component, components, parents) {
  if (!isObject(component)) return `component ${key.slice(0, 20)} is an object`;
  if (keyOf(own(component, "id")) !== key) return `component ${key.slice(0, 20)} has another id`;
  for (const [member, accepts] of TYPES) {
    if (Object.hasOwn(component, member) && !accepts(component[member])) {
      return `${member} of component ${key} has the wrong type`;
    }
  }
  const parent = own(component, "parentId") ?? null;
  if (parent !== null) {
    const above = keyOf(parent);
    if (above === null || !Object.hasOwn(components, above)) return `the parent of component ${key} does not exist`;
    const known = parents.get(key) ?? above;
    if (known !== above) return `component ${key} is a child of ${known} and says that its parent is ${above}`;
    parents.set(key, above);
  }
  const children = own(component, "children") ?? [];
  for (const child of children) {
    const below = keyOf(child);
    if (below === null || !Object.hasOwn(components, below)) return `a child of component ${key} does not exist`;
    const known = parents.get(below) ?? key;
    if (known !== key) return `component ${below} is a child of ${key} and of ${known}`;
    parents.set(below, key);
  }
  return new Set(children).size < children.length ? `component ${key} has a child twice` : null;
}

/**
 * Whether the root is above every component.
 *
 * @param {string} root
 * @param {Record<string, any>} components
 * @param {Map<string, string>} parents
 */
function treeProblem(root, components, parents) {
  const reached = new Set([root]);
  for (const key of Object.keys(components)) {
    const way = new Set();
    let above = key;
    while (!reached.has(above)) {
      if (way.has(above)) return `component ${key} is below itself`;
      way.add(above);
      const next = parents.get(above);
      if (next === undefined) return `component ${above} has no parent`;
      above = next;
    }
    for (const passed of way) reached.add(passed);
  }
  return null;
}

/**
 * The text of an id.
 *
 * @param {any} id
 */
function keyOf(id) {
  return Number.isSafeInteger(id) && id >= 0 ? String(id) : null;
}

/**
 * @param {Record<string, any>} object
 * @param {string} member
 */
function own(object, member) {
  return Object.hasOwn(object, member) ? object[member] : undefined;
}
