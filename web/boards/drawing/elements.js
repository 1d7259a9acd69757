/** Draws the elements of a board, each a node of its own, and knows which are selected. */

import { make, makePaths } from "../../lib/dom.js";
import { shortened } from "../content/document.js";
import { around } from "../content/geometry.js";
import { outline, pad as padOf } from "../content/shapes.js";

/** @typedef {import("../content/document.js").Shape} Shape */

const NAMES = { note: "Sticky note", rect: "Rectangle", text: "Text", line: "Line", picture: "Picture" };

export class Elements extends EventTarget {
  /** @param {import("../content/document.js").BoardDocument} board  @param {HTMLElement} world the node that they go into */
  constructor(board, world) {
    super();
    this.board = board;
    this.world = world;
    /** By id. @type {Map<string, HTMLElement>} */
    this.nodes = new Map();
    /** @type {Map<string, { data: Uint8Array, url: string }>} */
    this.pictures = new Map();
    /** What a gesture has not written yet. @type {Map<string, Partial<import("../content/geometry.js").Box>>} */
    this.drafts = new Map();
    /** @type {Set<string>} */
    this.selection = new Set();
    board.observe((ids) => this.draw(ids));
    this.draw(board.ids());
    world.addEventListener("focusin", ({ target }) => {
      const id = target instanceof HTMLElement && target.classList.contains("element") ? target.dataset.id : null;
      if (id && !this.selection.has(id)) this.select([id]);
    });
  }

  /** @param {Iterable<string>} ids */
  draw(ids) {
    const drawn = [...ids];
    for (const id of drawn) {
      const shape = this.shape(id);
      if (shape) this.#paint(this.#nodeOf(id, shape), shape);
      else this.#drop(id);
    }
    this.dispatchEvent(Object.assign(new Event("draw"), { ids: drawn }));
  }

  /** An element as it is shown: as the board has it, and where a gesture has it just now. @param {string} id @returns {Shape | null} */
  shape(id) {
    const shape = this.board.read(id);
    return shape && { ...shape, ...this.drafts.get(id) };
  }

  /** The box that an element takes, the height of a text as it is drawn. Only of what is there. @param {string} id */
  box(id) {
    const { x, y, w, h, left = 0, top = 0, kind } = /** @type {Shape} */ (this.shape(id));
    return { x: x + left, y: y + top, w, h: kind === "text" ? this.node(id).offsetHeight : h };
  }

  /** The node of an element that is there. @param {string} id */
  node(id) {
    return /** @type {HTMLElement} */ (this.nodes.get(id));
  }

  /** The size of an element's letters, as it is drawn. @param {string} id */
  fontSize(id) {
    return parseFloat(getComputedStyle(this.node(id)).fontSize);
  }

  /** Where this page finds the bytes of a picture. @param {string} id */
  pictureUrl(id) {
    return this.pictures.get(id)?.url;
  }

  /** The box around several; null around none. @param {Iterable<string>} ids */
  around(ids) {
    return around([...ids].filter((id) => this.nodes.has(id)).map((id) => this.box(id)));
  }

  /** The id of the element that a node is in; null for none. @param {EventTarget | null} node */
  idAt(node) {
    const element = node instanceof Element ? node.closest(".element") : null;
    return element instanceof HTMLElement ? (element.dataset.id ?? null) : null;
  }

  /** @param {Iterable<string>} ids */
  select(ids) {
    const chosen = new Set([...ids].filter((id) => this.nodes.has(id)));
    if (chosen.size === this.selection.size && [...chosen].every((id) => this.selection.has(id))) return;
    for (const id of new Set([...this.selection, ...chosen])) this.#mark(id, chosen.has(id));
    this.selection = chosen;
    this.dispatchEvent(new Event("select"));
  }

  /** Selects one, and gives it the focus of the keyboard. @param {string} id */
  focus(id) {
    this.select([id]);
    this.nodes.get(id)?.focus({ preventScroll: true });
  }

  /** @param {string} id  @param {boolean} selected */
  #mark(id, selected) {
    const node = this.nodes.get(id);
    node?.classList.toggle("selected", selected);
    if (selected) node?.setAttribute("aria-current", "true");
    else node?.removeAttribute("aria-current");
  }

  /** @param {string} id  @param {Shape} shape */
  #nodeOf(id, shape) {
    const known = this.nodes.get(id);
    if (known && known.dataset.kind === shape.kind) return known;
    known?.remove();
    const inside = contentOf(shape.kind);
    const node = make("div", { tabIndex: 0, dataset: { id, kind: shape.kind } }, inside, make("i", { className: "handle" }));
    node.setAttribute("role", "group");
    node.setAttribute("aria-roledescription", NAMES[shape.kind]);
    // In the order of their ids, which is the order of Tab; a new one is the last.
    /** @type {Element | null} */
    let after = null;
    for (let before = this.world.lastElementChild; before && idOf(before) > id; before = before.previousElementSibling) after = before;
    this.world.insertBefore(node, after);
    this.nodes.set(id, node);
    this.#mark(id, this.selection.has(id));
    return node;
  }

  /** @param {HTMLElement} node  @param {Shape} shape */
  #paint(node, shape) {
    const { kind, colour, x, y, w, h, z, left = 0, top = 0 } = shape;
    const pad = shape.kind === "line" ? padOf(shape) : 0;
    const flags = ["selected", "editing", "erased"].filter((flag) => node.classList.contains(flag));
    const length = kind === "line" || kind === "text" || shape.text.length < 60 ? "" : shape.text.length < 200 ? "long" : "longer";
    node.className = ["element", kind === "text" ? "label" : kind, colour, length, ...flags].filter(Boolean).join(" ");
    node.style.transform = `translate(${x + left - pad}px, ${y + top - pad}px)`;
    node.style.width = `${w + 2 * pad}px`;
    node.style.height = kind === "text" ? "auto" : `${h + 2 * pad}px`;
    node.style.zIndex = String(z);
    node.setAttribute("aria-label", `${kind === "picture" ? "picture" : colour}${shape.text ? `: ${shortened(shape.text, 200)}` : ""}`);
    const content = /** @type {Element} */ (node.firstElementChild);
    if (shape.kind === "line") {
      node.style.setProperty("--width", String(shape.width));
      const path = outline(shape, pad - left, pad - top);
      for (const line of node.querySelectorAll("path")) line.setAttribute("d", path);
    } else if (shape.kind === "picture") {
      this.#show(/** @type {HTMLImageElement} */ (content), shape);
    } else if (content.textContent !== shape.text) {
      content.textContent = shape.text;
    }
  }

  /** @param {HTMLImageElement} image  @param {import("../content/document.js").Picture} picture */
  #show(image, { id, type, data }) {
    const known = this.pictures.get(id);
    if (known?.data === data) return;
    if (known) URL.revokeObjectURL(known.url);
    const url = URL.createObjectURL(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (data)], { type }));
    this.pictures.set(id, { data, url });
    image.src = url;
  }

  /** @param {string} id */
  #drop(id) {
    const node = this.nodes.get(id);
    if (!node) return;
    const picture = this.pictures.get(id);
    if (picture) URL.revokeObjectURL(picture.url);
    this.pictures.delete(id);
    const focused = node.contains(document.activeElement);
    node.remove();
    this.nodes.delete(id);
    this.drafts.delete(id);
    if (this.selection.delete(id)) this.dispatchEvent(new Event("select"));
    if (focused) this.world.parentElement?.focus({ preventScroll: true });
  }
}

/** @param {Element} node */
function idOf(node) {
  return node.getAttribute("data-id") ?? "";
}

/** @param {Shape["kind"]} kind */
function contentOf(kind) {
  // A line has two paths: what is seen, and around it what can be touched.
  if (kind === "line") return makePaths(2);
  return kind === "picture" ? make("img", { alt: "", draggable: false }) : make("div", { className: "text" });
}
