/** The tree of components, as a list that one can go through by keys and sort by dragging. */

import { make } from "../../lib/dom.js";
import { drawn } from "../../lib/toolbar.js";
import { nameOf } from "../canvas/canvas.js";
import { kindOf, labelOf } from "../content/kinds.js";

/** @typedef {import("../content/document.js").PageDocument} PageDocument */

export class Outline {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();

  /** @param {HTMLElement} list  @param {PageDocument} page  @param {import("../canvas/drag.js").Drag} drag */
  constructor(list, page, drag) {
    this.list = list;
    this.page = page;
    page.addEventListener("change", () => this.show());
    page.addEventListener("select", () => this.#mark(list.contains(document.activeElement)));
    list.addEventListener("pointerdown", (event) => {
      const id = this.#idAt(event.target);
      if (id === null) return;
      page.choose(id, event);
      if (page.chosen.length > 1) return;
      const component = page.tree.at(id);
      if (!component || !page.mayEdit || id === page.tree.root) return;
      drag.begin(event, { label: nameOf(component), targetAt: (at) => this.#targetAt(at, id), drop: (place) => page.move(id, place) });
    });
    list.addEventListener("focusin", ({ target }) => {
      const id = this.#idAt(target);
      if (id !== null && !page.chosen.includes(id)) page.select(id);
    });
    // With these the row that is pressed may be one less: it gets no focus.
    list.addEventListener("mousedown", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) event.preventDefault();
    });
    list.addEventListener("dblclick", () => list.dispatchEvent(new Event("write")));
  }

  show() {
    const { tree } = this.page;
    const ids = tree.below();
    const rows = ids.map((id) => this.#row(id));
    for (const [id, row] of this.#rows) {
      if (tree.at(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    for (const [at, row] of rows.entries()) if (this.list.children[at] !== row) this.list.insertBefore(row, this.list.children[at] ?? null);
    this.#mark(false);
  }

  /** @param {string} id */
  #row(id) {
    const { tree } = this.page;
    const component = tree.components[id];
    const row = this.#rows.get(id) ?? make("li", { role: "treeitem", tabIndex: -1, dataset: { id } });
    this.#rows.set(id, row);
    const { called, text } = labelOf(component);
    const depth = tree.depthOf(id);
    const siblings = tree.childrenOf(tree.parentOf(id) ?? "");
    const wanted = JSON.stringify([called, text, depth]);
    if (row.dataset.shown !== wanted) {
      row.dataset.shown = wanted;
      row.replaceChildren(drawn({ line: kindOf(component.name).icon }), make("span", {}, called), make("small", {}, text));
      row.style.setProperty("--depth", String(depth));
      row.setAttribute("aria-level", String(depth + 1));
    }
    row.setAttribute("aria-setsize", String(Math.max(siblings.length, 1)));
    row.setAttribute("aria-posinset", String(siblings.indexOf(id) + 1 || 1));
    return row;
  }

  /** @param {boolean} focuses */
  #mark(focuses) {
    const { selected, tree } = this.page;
    const chosen = new Set(this.page.chosen);
    for (const [id, row] of this.#rows) {
      row.setAttribute("aria-selected", String(chosen.has(id)));
      row.tabIndex = id === (selected ?? tree.root) ? 0 : -1;
    }
    const row = this.#rows.get(selected ?? "");
    if (!row) return;
    if (focuses) row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  /** @param {EventTarget | null} target */
  #idAt(target) {
    const row = target instanceof Element ? target.closest("[data-id]") : null;
    return row instanceof HTMLElement && this.list.contains(row) ? (row.dataset.id ?? null) : null;
  }

  /** Into what can hold others, in the middle of its row; else in front of it or behind it. @param {PointerEvent} event  @param {string} moving @returns {import("../canvas/drag.js").Target | null} */
  #targetAt({ clientX, clientY }, moving) {
    const id = this.#idAt(document.elementFromPoint(clientX, clientY));
    const { tree } = this.page;
    if (id === null || tree.holds(moving, id)) return null;
    const { left, top, width, height } = /** @type {HTMLElement} */ (this.#rows.get(id)).getBoundingClientRect();
    const share = (clientY - top) / height;
    const parent = tree.parentOf(id);
    if (parent === null || (this.page.holds(id) && share > 0.3 && share < 0.7)) {
      return { place: { parent: id, at: tree.childrenOf(id).filter((one) => one !== moving).length }, line: { x: left, y: top, w: width, h: height } };
    }
    const at = tree.childrenOf(parent).filter((one) => one !== moving).indexOf(id) + (share < 0.5 ? 0 : 1);
    return { place: { parent, at }, line: { x: left, y: share < 0.5 ? top - 1 : top + height - 1, w: width, h: 2 } };
  }
}
