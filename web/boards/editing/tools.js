/**
 * The tools: what a pointer does with each. Other people see a gesture while it goes on, a few times a second; it is one
 * step to be undone all the same.
 */

import { paced } from "../../lib/pace.js";
import { MOST_NUMBERS, SMALLEST } from "../content/document.js";
import { between, within } from "../content/geometry.js";
import { erase } from "./eraser.js";

/** @typedef {import("../content/geometry.js").Box} Box */
/** @typedef {import("../content/geometry.js").Place} Place */
/** What a gesture makes of elements. @typedef {[id: string, values: Partial<Box>][]} Changes */
/** Kinds that are put down with a click. @typedef {keyof typeof SIZES} Kind */

export const WRITE_MS = 80;
const CLICK_PIXELS = 4;
const SIZES = { note: { w: 200, h: 200 }, rect: { w: 200, h: 120 }, text: { w: 280, h: 40 } };

/**
 * What a pointer does from when it is pressed until it is lifted, or something else is made of it.
 *
 * @typedef {{ move: (event: PointerEvent) => void, end: (event: PointerEvent) => void, cancel: () => void }} Gesture
 */

export class Tools extends EventTarget {
  /**
   * @param {object} parts
   * @param {import("../content/document.js").BoardDocument} parts.board
   * @param {import("../drawing/elements.js").Elements} parts.elements
   * @param {import("../drawing/view.js").View} parts.view
   * @param {import("./editor.js").Editor} parts.editor
   * @param {HTMLElement} parts.marquee
   */
  constructor({ board, elements, view, editor, marquee }) {
    super();
    this.board = board;
    this.elements = elements;
    this.view = view;
    this.editor = editor;
    this.marquee = marquee;
    this.tool = "select";
    this.colour = "yellow";
    this.width = 4; // of lines
    this.mayEdit = false;
  }

  /** @param {string} tool */
  choose(tool) {
    if (!this.mayEdit && tool !== "hand") tool = "select";
    this.tool = tool;
    // A colour that is chosen next is that of what is made next.
    if (tool !== "select" && tool !== "hand") this.elements.select([]);
    this.dispatchEvent(new Event("choose"));
  }

  /** The gesture that a pointer begins; null to move the view. @param {PointerEvent} event @returns {Gesture | null} */
  begin(event) {
    this.board.step();
    if (this.tool === "hand") return null;
    if (this.tool === "line") return this.#draw(event);
    if (this.tool === "arrow") return this.#point(event);
    if (this.tool === "eraser") return erase(event, this);
    if (this.tool === "rect") return this.#stretch(event);
    if (this.tool !== "select") return this.#put(event);
    return this.#select(event);
  }

  /** Puts a new element of the tool in use around a place, and is done with the tool. @param {Kind} kind  @param {Place} middle */
  place(kind, { x, y }, size = SIZES[kind]) {
    const at = { x: Math.round(x - size.w / 2), y: Math.round(y - size.h / 2), ...size, colour: this.colour };
    const id = this.board.add(kind, at);
    this.choose("select");
    this.elements.focus(id);
    return id;
  }

  // -- gestures

  /** @param {PointerEvent} event */
  #put(event) {
    const kind = /** @type {Kind} */ (this.tool);
    return gesture(event, {
      end: (last) => {
        const at = this.view.toWorld(last);
        const size = SIZES[kind];
        // Text begins where it was asked for.
        this.editor.open(this.place(kind, kind === "text" ? { x: at.x + size.w / 2, y: at.y } : at));
      },
    });
  }

  /** @param {PointerEvent} event */
  #stretch(event) {
    const from = this.view.toWorld(event);
    /** @type {string | null} */
    let id = null;
    const write = paced(WRITE_MS, (/** @type {Box} */ box) => {
      if (id === null) id = this.board.add("rect", { ...box, colour: this.colour });
      else this.board.update([[id, box]]);
    });
    return gesture(event, {
      move: (next) => write(between(from, this.view.toWorld(next), SMALLEST)),
      end: () => {
        write.flush();
        if (id !== null) {
          this.choose("select");
          this.elements.focus(id);
        } else {
          this.place("rect", from);
        }
      },
      cancel: () => id !== null && this.board.remove([id]),
    });
  }

  /** @param {PointerEvent} event @returns {Gesture} */
  #draw(event) {
    const from = this.view.toWorld(event);
    const id = this.board.add("line", { x: round(from.x), y: round(from.y), colour: this.colour, width: this.width });
    /** @type {number[]} */
    let fresh = [0, 0];
    let last = { x: 0, y: 0 };
    let count = 2;
    const write = paced(WRITE_MS, () => {
      this.board.lengthen(id, fresh);
      fresh = [];
    });
    write();
    const add = (/** @type {PointerEvent} */ point) => {
      const at = this.view.toWorld(point);
      const next = { x: round(at.x - round(from.x)), y: round(at.y - round(from.y)) };
      if (count >= MOST_NUMBERS || Math.hypot(next.x - last.x, next.y - last.y) * this.view.scale < 2) return;
      fresh.push(next.x, next.y);
      count += 2;
      last = next;
    };
    return {
      move: (next) => {
        for (const point of next.getCoalescedEvents?.() ?? [next]) add(point);
        write();
      },
      end: () => write.flush(),
      cancel: () => this.board.remove([id]),
    };
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const from = this.view.toWorld(event);
    const start = { x: round(from.x), y: round(from.y) };
    /** @type {string | null} */
    let id = null;
    const write = paced(WRITE_MS, (/** @type {PointerEvent} */ next) => {
      const at = this.view.toWorld(next);
      const [x, y] = [round(at.x - start.x), round(at.y - start.y)];
      if (id === null) id = this.#addArrow(start, x, y);
      else this.board.point(id, x, y);
    });
    return gesture(event, {
      move: write,
      end: () => {
        write.flush();
        if (id === null) return;
        this.choose("select");
        this.elements.focus(id);
      },
      cancel: () => id !== null && this.board.remove([id]),
    });
  }

  /** @param {Place} start  @param {number} x  @param {number} y */
  #addArrow(start, x, y) {
    return this.board.add("line", { ...start, colour: this.colour, width: this.width, end: "arrow", points: [0, 0, x, y] });
  }

  /** @param {PointerEvent} event */
  #select(event) {
    const id = this.elements.idAt(event.target);
    if (id === null) return event.pointerType === "touch" ? this.#touchNothing(event) : this.#enclose(event);
    const { selection } = this.elements;
    if (event.target instanceof Element && event.target.classList.contains("handle")) return this.#resize(event, id);
    const again = selection.size === 1 && selection.has(id);
    if (event.shiftKey) this.elements.select(selection.has(id) ? [...selection].filter((other) => other !== id) : [...selection, id]);
    else if (!selection.has(id)) this.elements.select([id]);
    if (this.elements.selection.has(id)) this.elements.node(id).focus({ preventScroll: true });
    if (!this.mayEdit) return gesture(event, {});
    return this.#move(event, () => {
      // A finger has no double click that is its own: a second touch edits.
      if (again && event.pointerType === "touch") this.editor.open(id);
      else if (!event.shiftKey) this.elements.focus(id);
    });
  }

  /** @param {PointerEvent} event */
  #touchNothing(event) {
    let last = event;
    return gesture(event, {
      move: (next) => {
        this.view.pan(next.clientX - last.clientX, next.clientY - last.clientY);
        last = next;
      },
      end: (_, moved) => !moved && this.elements.select([]),
    });
  }

  /** @param {PointerEvent} event */
  #enclose(event) {
    const from = this.view.toWorld(event);
    const before = event.shiftKey ? [...this.elements.selection] : [];
    this.elements.select(before);
    this.view.stage.focus({ preventScroll: true });
    const hide = () => {
      this.marquee.hidden = true;
    };
    return gesture(event, {
      move: (next) => {
        const box = between(from, this.view.toWorld(next), 0);
        const { x, y } = this.view.toStage(box);
        this.marquee.hidden = false;
        Object.assign(this.marquee.style, {
          left: `${x}px`,
          top: `${y}px`,
          width: `${box.w * this.view.scale}px`,
          height: `${box.h * this.view.scale}px`,
        });
        const inside = [...this.elements.nodes.keys()].filter((id) => within(this.elements.box(id), box));
        this.elements.select([...before, ...inside]);
      },
      end: hide,
      cancel: hide,
    });
  }

  /** @param {PointerEvent} event  @param {() => void} click */
  #move(event, click) {
    const from = this.view.toWorld(event);
    const starts = [...this.elements.selection].map((id) => ({ id, ...this.elements.box(id), ...this.elements.shape(id) }));
    return this.#drag(event, click, (next) => {
      const at = this.view.toWorld(next);
      return starts.map(({ id, x, y }) => [id, { x: Math.round(x + at.x - from.x), y: Math.round(y + at.y - from.y) }]);
    });
  }

  /** @param {PointerEvent} event  @param {string} id */
  #resize(event, id) {
    const from = this.view.toWorld(event);
    const { w, h } = /** @type {Box} */ (this.elements.shape(id));
    return this.#drag(event, () => {}, (next) => {
      const at = this.view.toWorld(next);
      const wide = Math.max(Math.round(w + at.x - from.x), SMALLEST);
      const high = Math.max(Math.round(h + at.y - from.y), SMALLEST);
      return [[id, next.shiftKey ? { w: wide, h: Math.round((wide * h) / w) } : { w: wide, h: high }]];
    });
  }

  /** Shows at once what `changes(event)` makes of elements, and writes it at its pace.
   *
   * @param {PointerEvent} event
   * @param {() => void} click
   * @param {(event: PointerEvent) => Changes} changes
   */
  #drag(event, click, changes) {
    const before = new Map([...this.elements.selection].map((id) => [id, this.board.read(id)]));
    /** @type {Changes} */
    let values = [];
    const write = paced(WRITE_MS, () => this.board.update(values));
    const settle = () => {
      for (const [id] of values) this.elements.drafts.delete(id);
      this.elements.draw(values.map(([id]) => id));
    };
    return gesture(event, {
      move: (next) => {
        values = changes(next);
        for (const [id, value] of values) this.elements.drafts.set(id, value);
        this.elements.draw(values.map(([id]) => id));
        write();
      },
      end: (_, moved) => {
        write.flush();
        settle();
        if (!moved) click();
      },
      cancel: () => {
        values = values.map(([id, value]) => [id, sameKeys(value, before.get(id))]);
        this.board.update(values);
        write.flush();
        settle();
      },
    });
  }
}

/**
 * A gesture that is none until the pointer has moved some pixels: `end` hears whether it has.
 *
 * @param {PointerEvent} begun
 * @param {{ move?: (event: PointerEvent) => void, end?: (event: PointerEvent, moved: boolean) => void, cancel?: () => void }} acts
 * @returns {Gesture}
 */
function gesture(begun, { move = () => {}, end = () => {}, cancel = () => {} }) {
  let moved = false;
  return {
    move(event) {
      moved ||= Math.hypot(event.clientX - begun.clientX, event.clientY - begun.clientY) >= CLICK_PIXELS;
      if (moved) move(event);
    },
    end: (event) => end(event, moved),
    cancel,
  };
}

/** What an element had where a gesture has changed it. @param {Partial<Box>} changed  @param {Partial<Box> | null | undefined} had @returns {Partial<Box>} */
function sameKeys(changed, had) {
  const keys = /** @type {(keyof Box)[]} */ (Object.keys(changed));
  return Object.fromEntries(keys.map((key) => [key, had?.[key]]));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
