/** Draws the elements of a board, each a node of its own, and knows which are selected. */

import { make, makePaths } from "./dom.js";

const PAD = 6; // around a line, for the width of its stroke
const NAMES = { note: "Sticky note", rect: "Rectangle", text: "Text", line: "Line" };

export class Elements extends EventTarget {
  /** `board` is a BoardDocument, `world` the node that they go into. */
  constructor(board, world) {
    super();
    this.board = board;
    this.world = world;
    this.nodes = new Map();
    this.drafts = new Map(); // what a gesture has not written yet, of each id { x, y, w, h }
    this.selection = new Set();
    board.observe((ids) => this.draw(ids));
    this.draw(board.ids());
    world.addEventListener("focusin", ({ target }) => {
      const id = target.classList.contains("element") ? target.dataset.id : null;
      if (id && !this.selection.has(id)) this.select([id]);
    });
  }

  draw(ids) {
    for (const id of ids) {
      const shape = this.shape(id);
      if (shape) this.#paint(this.#nodeOf(id, shape), shape);
      else this.#drop(id);
    }
    this.dispatchEvent(new Event("draw"));
  }

  /** An element as it is shown: as the board has it, and where a gesture has it just now. */
  shape(id) {
    const shape = this.board.read(id);
    return shape && { ...shape, ...this.drafts.get(id) };
  }

  /** The box that an element takes, the height of a text as it is drawn. */
  box(id) {
    const { x, y, w, h, left = 0, top = 0, kind } = this.shape(id);
    return { x: x + left, y: y + top, w, h: kind === "text" ? this.nodes.get(id).offsetHeight : h };
  }

  /** The box around several; null around none. */
  around(ids) {
    const boxes = [...ids].filter((id) => this.nodes.has(id)).map((id) => this.box(id));
    if (!boxes.length) return null;
    const x = Math.min(...boxes.map((box) => box.x));
    const y = Math.min(...boxes.map((box) => box.y));
    const right = Math.max(...boxes.map((box) => box.x + box.w));
    const bottom = Math.max(...boxes.map((box) => box.y + box.h));
    return { x, y, w: right - x, h: bottom - y };
  }

  /** The id of the element that a node is in; null for none. */
  idAt(node) {
    return node.closest?.(".element")?.dataset.id ?? null;
  }

  select(ids) {
    const chosen = new Set([...ids].filter((id) => this.nodes.has(id)));
    if (chosen.size === this.selection.size && [...chosen].every((id) => this.selection.has(id))) return;
    for (const id of new Set([...this.selection, ...chosen])) this.#mark(id, chosen.has(id));
    this.selection = chosen;
    this.dispatchEvent(new Event("select"));
  }

  /** Selects one, and gives it the focus of the keyboard. */
  focus(id) {
    this.select([id]);
    this.nodes.get(id)?.focus({ preventScroll: true });
  }

  #mark(id, selected) {
    const node = this.nodes.get(id);
    node?.classList.toggle("selected", selected);
    if (selected) node?.setAttribute("aria-current", "true");
    else node?.removeAttribute("aria-current");
  }

  #nodeOf(id, shape) {
    const known = this.nodes.get(id);
    if (known && known.dataset.kind === shape.kind) return known;
    known?.remove();
    // A line has two paths: what is seen, and around it what can be touched.
    const inside = shape.kind === "line" ? makePaths(2) : make("div", { className: "text" });
    const node = make("div", { tabIndex: 0, dataset: { id, kind: shape.kind } }, inside, make("i", { className: "handle" }));
    node.setAttribute("role", "group");
    node.setAttribute("aria-roledescription", NAMES[shape.kind]);
    // In the order of their ids, which is the order of Tab; a new one is the last.
    let after = null;
    for (let before = this.world.lastElementChild; before?.dataset.id > id; before = before.previousElementSibling) after = before;
    this.world.insertBefore(node, after);
    this.nodes.set(id, node);
    this.#mark(id, this.selection.has(id));
    return node;
  }

  #paint(node, shape) {
    const { kind, colour, x, y, w, h, z, left = 0, top = 0 } = shape;
    const pad = kind === "line" ? PAD : 0;
    const flags = ["selected", "editing"].filter((flag) => node.classList.contains(flag));
    const length = kind === "line" || kind === "text" || shape.text.length < 60 ? "" : shape.text.length < 200 ? "long" : "longer";
    node.className = ["element", kind === "text" ? "label" : kind, colour, length, ...flags].filter(Boolean).join(" ");
    node.style.transform = `translate(${x + left - pad}px, ${y + top - pad}px)`;
    node.style.width = `${w + 2 * pad}px`;
    node.style.height = kind === "text" ? "auto" : `${h + 2 * pad}px`;
    node.style.zIndex = z;
    node.setAttribute("aria-label", `${colour}${shape.text ? `: ${shape.text.slice(0, 200)}` : ""}`);
    if (kind === "line") {
      const path = curve(shape.points, PAD - left, PAD - top);
      for (const line of node.querySelectorAll("path")) line.setAttribute("d", path);
    } else if (node.firstElementChild.textContent !== shape.text) {
      node.firstElementChild.textContent = shape.text;
    }
  }

  #drop(id) {
    const node = this.nodes.get(id);
    if (!node) return;
    const focused = node.contains(document.activeElement);
    node.remove();
    this.nodes.delete(id);
    this.drafts.delete(id);
    if (this.selection.delete(id)) this.dispatchEvent(new Event("select"));
    if (focused) this.world.parentElement.focus({ preventScroll: true });
  }
}

/** A path through the points of a line, smooth between them. */
function curve(points, dx, dy) {
  if (points.length < 2) return "";
  const at = (index) => `${round(points[index] + dx)} ${round(points[index + 1] + dy)}`;
  const middle = (index) =>
    `${round((points[index] + points[index + 2]) / 2 + dx)} ${round((points[index + 1] + points[index + 3]) / 2 + dy)}`;
  const parts = [`M${at(0)}`];
  for (let index = 2; index + 3 < points.length; index += 2) parts.push(`Q${at(index)} ${middle(index)}`);
  parts.push(`L${at(points.length - 2 - (points.length % 2))}`);
  return parts.join("");
}

function round(value) {
  return Math.round(value * 10) / 10;
}
