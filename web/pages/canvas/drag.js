/**
 * Dragging a component, or a new one from the palette, to its place: by mouse, finger or pen. A finger begins with a long
 * press, since otherwise it scrolls.
 */

import { make } from "../../lib/dom.js";

const STARTS_PIXELS = 5;
const LONG_PRESS_MS = 350;
const EDGE_PIXELS = 40;
const SCROLL_PIXELS = 12;

/** @typedef {import("../content/edits.js").Place} Place */

/** Where it would go, and where the line is that shows it: in client pixels. @typedef {{ place: Place, line: { x: number, y: number, w: number, h: number } }} Target */

/**
 * What is dragged: `label` follows the pointer, `targetAt` says where it would go, `drop` puts it there.
 *
 * @typedef {object} Dragged
 * @property {string} label
 * @property {(event: PointerEvent) => Target | null} targetAt
 * @property {(place: Place) => void} drop
 */

export class Drag {
  /** @param {HTMLElement} scroller what scrolls where one drags to its edge */
  constructor(scroller) {
    this.scroller = scroller;
    this.ghost = make("div", { id: "dragged", hidden: true });
    this.line = make("div", { id: "drop-line", hidden: true });
    document.body.append(this.ghost, this.line);
  }

  /** Follows a pointer that was pressed; nothing is dragged until it moves. @param {PointerEvent} pressed  @param {Dragged} dragged */
  begin(pressed, dragged) {
    if (pressed.button !== 0 || !pressed.isPrimary) return;
    const ending = new AbortController();
    const { signal } = ending;
    let begun = false;
    /** @type {Target | null} */
    let target = null;
    const touch = pressed.pointerType === "touch";
    const timer = touch ? setTimeout(() => start(pressed), LONG_PRESS_MS) : undefined;

    const start = (/** @type {PointerEvent} */ event) => {
      begun = true;
      this.ghost.textContent = dragged.label;
      document.body.dataset.dragging = "";
      show(event);
    };
    const show = (/** @type {PointerEvent} */ event) => {
      Object.assign(this.ghost.style, { left: `${event.clientX + 12}px`, top: `${event.clientY + 12}px` });
      this.ghost.hidden = false;
      target = dragged.targetAt(event);
      this.#draw(target);
      this.#scroll(event);
    };
    const end = () => {
      clearTimeout(timer);
      ending.abort();
      this.ghost.hidden = true;
      this.#draw(null);
      delete document.body.dataset.dragging;
    };
    addEventListener("pointermove", (event) => {
      if (event.pointerId !== pressed.pointerId) return;
      const far = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) >= STARTS_PIXELS;
      if (begun) show(event);
      else if (far && touch) end(); // it scrolls
      else if (far) start(event);
    }, { signal });
    addEventListener("pointerup", () => {
      const found = begun ? target : null;
      if (begun) swallowClick();
      end();
      if (found) dragged.drop(found.place);
    }, { signal });
    addEventListener("pointercancel", end, { signal });
    addEventListener("blur", end, { signal });
    addEventListener("keydown", end, { signal, capture: true });
    addEventListener("touchmove", (event) => begun && event.preventDefault(), { signal, passive: false });
  }

  /** @param {Target | null} target */
  #draw(target) {
    this.line.hidden = target === null;
    if (!target) return;
    const { x, y, w, h } = target.line;
    Object.assign(this.line.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
  }

  /** @param {PointerEvent} event */
  #scroll({ clientY }) {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    if (clientY < top + EDGE_PIXELS) this.scroller.scrollBy(0, -SCROLL_PIXELS);
    else if (clientY > bottom - EDGE_PIXELS) this.scroller.scrollBy(0, SCROLL_PIXELS);
  }
}

/** Where a drag ends is nothing clicked; a browser may tell of a click all the same, or of none. */
function swallowClick() {
  const stop = (/** @type {Event} */ event) => event.stopPropagation();
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }));
}

/**
 * Where on the canvas something would go that is held at a place: into the innermost component there that holds others.
 *
 * @param {import("./canvas.js").Canvas} canvas
 * @param {import("../content/tree.js").Tree} tree
 * @param {MouseEvent} event
 * @param {string | null} moving which goes neither into itself nor beside itself
 * @returns {Target | null}
 */
export function canvasTarget(canvas, tree, { clientX, clientY }, moving) {
  const { left, right, top, bottom } = canvas.sheet.getBoundingClientRect();
  if (clientX < left || clientX > right || clientY < top) return null;
  const found = document.elementsFromPoint(clientX, Math.min(clientY, bottom - 1));
  const slots = found.flatMap((element) => {
    const slot = element.closest("[data-slot]");
    return slot instanceof HTMLElement && canvas.sheet.contains(slot) ? [slot] : [];
  });
  const idOf = (/** @type {HTMLElement} */ slot) => /** @type {HTMLElement | null} */ (slot.closest("[data-id]"))?.dataset.id ?? tree.root;
  const root = canvas.sheet.querySelector("[data-slot]");
  const free = (/** @type {HTMLElement} */ slot) => moving === null || !tree.holds(moving, idOf(slot));
  const slot = slots.find(free) ?? (root instanceof HTMLElement && free(root) ? root : null);
  if (!slot) return null;
  const isRow = slot.classList.contains("columns");
  const siblings = [...slot.children].filter((child) => child instanceof HTMLElement && child.dataset.id !== moving);
  const boxes = siblings.map((child) => child.getBoundingClientRect());
  const before = boxes.findIndex((box) => (isRow ? clientX < box.left + box.width / 2 && clientY < box.bottom : clientY < box.top + box.height / 2));
  const at = before < 0 ? boxes.length : before;
  return { place: { parent: idOf(slot), at }, line: lineAt(slot.getBoundingClientRect(), boxes, at, isRow) };
}

/** @param {DOMRect} slot  @param {DOMRect[]} boxes  @param {number} at  @param {boolean} isRow */
function lineAt(slot, boxes, at, isRow) {
  const [next, last] = [boxes[at], boxes[at - 1]];
  if (isRow) {
    const x = next ? next.left - 4 : last ? last.right + 2 : slot.left;
    return { x, y: (next ?? last ?? slot).top, w: 3, h: (next ?? last ?? slot).height };
  }
  const y = next ? next.top - 3 : last ? last.bottom + 1 : slot.top + 4;
  return { x: slot.left, y, w: slot.width, h: 3 };
}
