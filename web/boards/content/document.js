/**
 * What is on a board: a Yjs document whose root map `elements` has one Y.Map an element (docs/boards/elements.md). Whoever edits the
 * board could have written anything into it, so `read` gives only what can be drawn.
 */

import { Y } from "../../vendor/yjs.js";

export const COLOURS = ["yellow", "orange", "pink", "purple", "blue", "green", "grey"];
export const MOST_TEXT = 10_000;
export const MOST_NUMBERS = 8000; // of a line: two a point
export const MOST_PICTURE = 1 << 20; // bytes
export const PICTURES = ["image/webp", "image/png", "image/jpeg"];
export const WIDTHS = [2, 4, 8, 16];
export const SMALLEST = 24;
const WIDEST = 64;
const LARGEST = 20_000;
const FARTHEST = 1_000_000;
const HIGHEST = 2 ** 30;
const WITH_TEXT = new Set(["note", "rect", "text"]);
const KEYS = ["kind", "x", "y", "z", "w", "h", "colour", "width", "end", "type", "data"];

export class BoardDocument {
  constructor() {
    this.doc = new Y.Doc();
    this.elements = this.doc.getMap("elements");
    // What belongs to one step is said by `step`, not by the clock; others' edits are not undone.
    this.history = new Y.UndoManager(this.elements, { trackedOrigins: new Set([this]), captureTimeout: Infinity });
  }

  /** `heard` gets the ids of the elements that have changed, of which some may be gone. */
  observe(heard) {
    this.elements.observeDeep((events) => {
      const ids = new Set();
      for (const event of events) {
        if (event instanceof Y.YMapEvent && event.target === this.elements) for (const id of event.keysChanged) ids.add(id);
        else ids.add(event.path[0]);
      }
      heard(ids);
    });
  }

  ids() {
    return [...this.elements.keys()];
  }

  /** An element as it can be drawn; null if there is none, or of a kind that is not known. */
  read(id) {
    const element = this.elements.get(id);
    if (!(element instanceof Y.Map)) return null;
    const values = Object.fromEntries(KEYS.map((key) => [key, element.get(key)]));
    const points = element.get("points");
    return drawable({
      ...values,
      id,
      text: this.text(id)?.toString(),
      points: points instanceof Y.Array ? points.slice(0, MOST_NUMBERS) : [],
    });
  }

  /** The Y.Text of an element; null if it has none. */
  text(id) {
    const text = this.elements.get(id)?.get?.("text");
    return text instanceof Y.Text ? text : null;
  }

  // -- changes: each is one's own, and can be undone

  change(make) {
    this.doc.transact(make, this);
  }

  /** What comes next is another step to be undone. */
  step() {
    this.history.stopCapturing();
  }

  /** Puts a new element on top of all; returns its id. */
  add(kind, place) {
    return this.insert([{ kind, colour: "yellow", ...place }])[0];
  }

  /** Puts elements on top of all, in this order, each as `read` gives them; returns their ids. What cannot be drawn is
   * left out. */
  insert(shapes) {
    const ids = [];
    const first = this.#top() + 1;
    this.change(() => {
      for (const shape of shapes.map(drawable).filter(Boolean)) {
        const id = newId(ids.length);
        const element = new Y.Map(KEYS.filter((key) => shape[key] !== undefined).map((key) => [key, shape[key]]));
        element.set("z", first + ids.length);
        if (shape.kind === "line") element.set("points", Y.Array.from(shape.points));
        if (WITH_TEXT.has(shape.kind)) element.set("text", new Y.Text(shape.text));
        this.elements.set(id, element);
        ids.push(id);
      }
    });
    return ids;
  }

  /** `changes`: of each id, the keys that become others. Elements that are gone stay so. */
  update(changes) {
    this.change(() => {
      for (const [id, values] of changes) {
        const element = this.elements.get(id);
        for (const [key, value] of Object.entries(values)) {
          if (element && element.get(key) !== value) element.set(key, value);
        }
      }
    });
  }

  remove(ids) {
    this.change(() => ids.forEach((id) => this.elements.delete(id)));
  }

  /** Adds points to a line, relative to its x and y. */
  lengthen(id, numbers) {
    const points = this.elements.get(id)?.get("points");
    if (points && numbers.length) this.change(() => points.push(numbers));
  }

  /** Draws a line of two points anew: its end is there, relative to its x and y. */
  point(id, x, y) {
    const points = this.elements.get(id)?.get("points");
    if (!points) return;
    this.change(() => {
      points.delete(2, points.length - 2);
      points.push([x, y]);
    });
  }

  /** To the front of all, or to the back, in the order that they have among themselves. */
  restack(ids, toFront) {
    const shapes = ids.map((id) => this.read(id)).filter(Boolean).sort((a, b) => a.z - b.z);
    const first = toFront ? this.#top() + 1 : this.#bottom() - shapes.length;
    this.update(shapes.map(({ id }, place) => [id, { z: first + place }]));
  }

  #top() {
    return this.#heights().reduce((a, b) => Math.max(a, b), 0);
  }

  #bottom() {
    return this.#heights().reduce((a, b) => Math.min(a, b), 0);
  }

  #heights() {
    return this.ids().map((id) => this.read(id)?.z ?? 0);
  }
}

/** What is cut off is told by a sign. */
export function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function number(value, low, high, otherwise) {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(Math.max(value, low), high) : otherwise;
}

/**
 * What of an element can be drawn, its values within their bounds; null where it is of no kind that is known.
 *
 * @param {{ [key: string]: any }} element
 */
export function drawable({ id, kind, x, y, z, w, h, colour, width, end, type, data, text, points }) {
  const common = {
    id,
    kind,
    x: number(x, -FARTHEST, FARTHEST, 0),
    y: number(y, -FARTHEST, FARTHEST, 0),
    z: Math.round(number(z, -HIGHEST, HIGHEST, 0)),
    colour: COLOURS.includes(colour) ? colour : "grey",
  };
  if (kind === "line") {
    const stroke = { width: number(width, 1, WIDEST, 4), end: end === "arrow" ? end : undefined };
    return { ...common, ...stroke, ...spread(points) };
  }
  const size = { w: number(w, SMALLEST, LARGEST, 160), h: number(h, SMALLEST, LARGEST, 100) };
  if (kind === "picture") {
    const good = PICTURES.includes(type) && data instanceof Uint8Array && data.length <= MOST_PICTURE;
    return good ? { ...common, ...size, type, data, text: "" } : null;
  }
  if (!WITH_TEXT.has(kind)) return null;
  return { ...common, ...size, text: shortened(String(text ?? ""), MOST_TEXT) };
}

/** The points of a line, and the box that they need. */
function spread(points) {
  const numbers = Array.isArray(points) ? points.slice(0, MOST_NUMBERS).map((n) => number(n, -LARGEST, LARGEST, 0)) : [];
  if (numbers.length < 2) return { w: 0, h: 0, left: 0, top: 0, text: "", points: [] };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    left = Math.min(left, numbers[at]);
    right = Math.max(right, numbers[at]);
    top = Math.min(top, numbers[at + 1]);
    bottom = Math.max(bottom, numbers[at + 1]);
  }
  return { w: right - left, h: bottom - top, left, top, text: "", points: numbers };
}

/** Ids sort by the time they were made: elements of the same height lie in this order, and Tab goes in it. Those that are
 * made at once are told apart by `place`. */
function newId(place) {
  const random = crypto.getRandomValues(new Uint32Array(2));
  random[0] = (random[0] % 2 ** 20) + Math.min(place, 4000) * 2 ** 20;
  return Date.now().toString(36).padStart(9, "0") + [...random].map((n) => n.toString(36).padStart(7, "0")).join("");
}
