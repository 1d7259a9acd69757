/** The page as it looks: an element for each component, drawn anew only where something of it has changed. */

import { make } from "../../lib/dom.js";
import { kindOf, labelOf } from "../content/kinds.js";
import { showFiles } from "../pictures/shown.js";

/** @typedef {import("../content/tree.js").Tree} Tree */

/** What is drawn of a component, and of what: its kind and properties. @typedef {{ node: HTMLElement, drawn: string }} Drawn */

/** Events: `draw` when something has been drawn. */
export class Canvas extends EventTarget {
  /** @type {Map<string, Drawn>} */
  #drawn = new Map();
  /** The component whose text somebody edits here just now: its element stays as it is. @type {string | null} */
  writing = null;

  /** @param {HTMLElement} sheet */
  constructor(sheet) {
    super();
    this.sheet = sheet;
  }

  /** @param {Tree} tree */
  show(tree) {
    const root = this.#draw(tree, tree.root);
    if (this.sheet.firstChild !== root) this.sheet.replaceChildren(root);
    for (const [id] of this.#drawn) if (!tree.at(id)) this.#drawn.delete(id);
    showFiles(this.sheet);
    this.dispatchEvent(new Event("draw"));
  }

  /** @param {Tree} tree  @param {string} id @returns {HTMLElement} */
  #draw(tree, id) {
    const component = tree.components[id];
    const wanted = JSON.stringify([component.name, component.props]);
    let shown = this.#drawn.get(id);
    if (!shown || (shown.drawn !== wanted && this.writing !== id)) shown = this.#renew(id, component, wanted, shown);
    const slot = slotOf(shown.node);
    if (slot) arrange(slot, tree.childrenOf(id).map((child) => this.#draw(tree, child)));
    return shown.node;
  }

  /** @param {string} id  @param {import("../content/tree.js").Component} component  @param {string} drawn  @param {Drawn} [before] */
  #renew(id, component, drawn, before) {
    const kind = kindOf(component.name);
    const node = before?.node ?? make("div", { className: "component", dataset: { id } });
    const children = [...(slotOf(node)?.children ?? [])];
    node.dataset.kind = kind.name;
    const parts = kind.draw(component.props ?? {}).filter((part) => part !== null);
    node.replaceChildren(...parts);
    slotOf(node)?.append(...children);
    const shown = { node, drawn };
    this.#drawn.set(id, shown);
    return shown;
  }

  /** Draws it as it is by now, after somebody has edited its text here. @param {Tree} tree */
  settle(tree) {
    const id = this.writing;
    this.writing = null;
    const shown = id === null ? undefined : this.#drawn.get(id);
    if (shown) shown.drawn = "";
    this.show(tree);
  }

  /** @param {string | null} id */
  node(id) {
    return id === null ? null : (this.#drawn.get(id)?.node ?? null);
  }

  get nodes() {
    return [...this.#drawn].map(([id, { node }]) => /** @type {const} */ ([id, node]));
  }

  /** The component that is at an element. @param {EventTarget | null} target @returns {string | null} */
  idAt(target) {
    const node = target instanceof Element ? target.closest("[data-id]") : null;
    return node instanceof HTMLElement && this.sheet.contains(node) ? (node.dataset.id ?? null) : null;
  }
}

/** Where the children of a component's element are. @param {HTMLElement} node @returns {HTMLElement | null} */
export function slotOf(node) {
  const found = [...node.querySelectorAll("[data-slot]")].find((slot) => slot.closest("[data-id]") === node);
  return /** @type {HTMLElement | null} */ (found ?? null);
}

/** What is edited in place in a component's element. @param {HTMLElement} node @returns {HTMLElement | null} */
export function writableOf(node) {
  const found = [...node.querySelectorAll("[data-writes]")].find((one) => one.closest("[data-id]") === node);
  return /** @type {HTMLElement | null} */ (found ?? null);
}

/** These children, in this order; those that are in their places stay untouched. @param {HTMLElement} slot  @param {HTMLElement[]} nodes */
function arrange(slot, nodes) {
  const wanted = new Set(/** @type {Element[]} */ (nodes));
  for (const child of [...slot.children]) if (!wanted.has(child)) child.remove();
  for (const [at, node] of nodes.entries()) if (slot.children[at] !== node) slot.insertBefore(node, slot.children[at] ?? null);
}

/** What a component is called where it is told of. @param {import("../content/tree.js").Component} component */
export function nameOf(component) {
  const { called, text } = labelOf(component);
  return text ? `${called}: ${text}` : called;
}
