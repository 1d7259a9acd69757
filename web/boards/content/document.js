/**
 * A board's content: a Yjs document whose root map `elements` has one Y.Map for each element (docs/boards/elements.md). An
 * editor's client can write anything into it, so `read` returns only what can be drawn.
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
const KEYS = ["kind", "x", "y", "z", "w", "h", "colour", "width", "end", "type", "data"];

/**
 * An element as `read` returns it, of one of three kinds. `left` and `top` are where a line's box begins, relative to its place.
 *
 * @typedef {{ id: string, x: number, y: number, z: number, w: number, h: number, colour: string, text: string }} Common
 * @typedef {Common & { kind: "line", width: number, end?: "arrow", left: number, top: number, points: number[] }} Line
 * @typedef {Common & { kind: "picture", type: string, data: Uint8Array, left?: undefined, top?: undefined }} Picture
 * @typedef {Common & { kind: "note" | "rect" | "text", left?: undefined, top?: undefined }} Written
 * @typedef {Line | Picture | Written} Shape
 */

/** An element's values before `drawable` has checked them. @typedef {Record<string, unknown>} Values */

export class BoardDocument {
  constructor() {
    this.doc = new Y.Doc();
    this.elements = this.doc.getMap("elements");
    // `step` ends a step of the history, not the clock; others' edits are not undone.
    this.history = new Y.UndoManager(this.elements, { trackedOrigins: new Set([this]), captureTimeout: Infinity });
  }

  /** @param {(ids: Set<string>) => void} heard gets the ids of the elements that have changed; some may be gone */
  observe(heard) {
    this.elements.observeDeep((events) => {
      /** @type {Set<string>} */
      const ids = new Set();
      for (const event of events) {
        if (event instanceof Y.YMapEvent && event.target === this.elements) for (const id of event.keysChanged) ids.add(id);
        else ids.add(String(event.path[0]));
      }
      heard(ids);
    });
  }

  ids() {
    return [...this.elements.keys()];
  }

  /** An element as it can be drawn; null if there is none, or if its kind is unknown. @param {string} id @returns {Shape | null} */
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

  /** The Y.Text of an element; null if it has none. @param {string} id */
  text(id) {
    const element = this.elements.get(id);
    const text = element instanceof Y.Map ? element.get("text") : null;
    return text instanceof Y.Text ? text : null;
  }

  // -- changes: each is one's own, and can be undone

  /** @param {() => void} make */
  change(make) {
    this.doc.transact(make, this);
  }

  /** The next change begins another step of the history. */
  step() {
    this.history.stopCapturing();
  }

  /** Puts a new element on top of all; returns its id. @param {Shape["kind"]} kind  @param {Values} place */
  add(kind, place) {
    return this.insert([{ kind, colour: "yellow", ...place }])[0];
  }

  /**
   * Puts elements on top of all, in this order, each as `read` returns them; returns their ids. Elements that cannot be
   * drawn are left out.
   *
   * @param {Values[]} shapes
   */
  insert(shapes) {
    /** @type {string[]} */
    const ids = [];
    const first = this.#top() + 1;
    this.change(() => {
      for (const shape of shapes.map(drawable).filter((one) => one !== null)) {
        const id = newId(ids.length);
        const values = Object.entries(shape).filter(([key, value]) => KEYS.includes(key) && value !== undefined);
        /** @type {import("yjs").Map<unknown>} */
        const element = new Y.Map(values);
        element.set("z", first + ids.length);
        if (shape.kind === "line") element.set("points", Y.Array.from(shape.points));
        else if (shape.kind !== "picture") element.set("text", new Y.Text(shape.text));
        this.elements.set(id, element);
        ids.push(id);
      }
    });
    return ids;
  }

  /** The keys of each id that change. Deleted elements stay deleted. @param {[id: string, values: Values][]} changes */
  update(changes) {
    this.change(() => {
      for (const [id, values] of changes) {
        const element = this.elements.get(id);
        for (const [key, value] of Object.entries(values)) {
          if (element instanceof Y.Map && element.get(key) !== value) element.set(key, value);
        }
      }
    });
  }

  /** @param {string[]} ids */
  remove(ids) {
    this.change(() => ids.forEach((id) => this.elements.delete(id)));
  }

  /** Adds points to a line, relative to its x and y. @param {string} id  @param {number[]} numbers */
  lengthen(id, numbers) {
    const points = this.#points(id);
    if (points && numbers.length) this.change(() => points.push(numbers));
  }

  /** Moves the end of a line of two points to here, relative to its x and y. @param {string} id  @param {number} x  @param {number} y */
  point(id, x, y) {
    const points = this.#points(id);
    if (!points) return;
    this.change(() => {
      points.delete(2, points.length - 2);
      points.push([x, y]);
    });
  }

  /** Moves elements to the front, or to the back, and keeps their order. @param {string[]} ids  @param {boolean} toFront */
  restack(ids, toFront) {
    const shapes = ids.map((id) => this.read(id)).filter((one) => one !== null).sort((a, b) => a.z - b.z);
    const first = toFront ? this.#top() + 1 : this.#bottom() - shapes.length;
    this.update(shapes.map(({ id }, place) => [id, { z: first + place }]));
  }

  /** The Y.Array of a line's points; null if it has none. @param {string} id */
  #points(id) {
    const element = this.elements.get(id);
    const points = element instanceof Y.Map ? element.get("points") : null;
    return points instanceof Y.Array ? points : null;
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

/** A sign shows that the text was cut. @param {string} text  @param {number} most */
export function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** @param {unknown} value  @param {number} low  @param {number} high  @param {number} otherwise */
function number(value, low, high, otherwise) {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(Math.max(value, low), high) : otherwise;
}

/**
 * The part of an element that can be drawn, its values within their bounds; null if its kind is unknown.
 *
 * @param {Values} element
 * @returns {Shape | null}
 */
export function drawable({ id, kind, x, y, z, w, h, colour, width, end, type, data, text, points }) {
  const common = {
    id: typeof id === "string" ? id : "", // a new element has none yet
    x: number(x, -FARTHEST, FARTHEST, 0),
    y: number(y, -FARTHEST, FARTHEST, 0),
    z: Math.round(number(z, -HIGHEST, HIGHEST, 0)),
    colour: typeof colour === "string" && COLOURS.includes(colour) ? colour : "grey",
  };
  if (kind === "line") {
    return { ...common, kind, width: number(width, 1, WIDEST, 4), end: end === "arrow" ? end : undefined, ...spread(points) };
  }
  const size = { w: number(w, SMALLEST, LARGEST, 160), h: number(h, SMALLEST, LARGEST, 100) };
  if (kind === "picture") {
    if (typeof type !== "string" || !PICTURES.includes(type)) return null;
    if (!(data instanceof Uint8Array) || data.length > MOST_PICTURE) return null;
    return { ...common, kind, ...size, type, data, text: "" };
  }
  if (kind !== "note" && kind !== "rect" && kind !== "text") return null;
  return { ...common, kind, ...size, text: shortened(String(text ?? ""), MOST_TEXT) };
}

/** The points of a line, and the box that they need. @param {unknown} points */
function spread(points) {
  /** @type {number[]} */
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

/** Ids sort by the time of creation: elements of the same height lie in this order, and Tab follows it. `place` distinguishes
 * those created at the same moment. @param {number} place */
function newId(place) {
  const random = crypto.getRandomValues(new Uint32Array(2));
  random[0] = (random[0] % 2 ** 20) + Math.min(place, 4000) * 2 ** 20;
  return Date.now().toString(36).padStart(9, "0") + [...random].map((n) => n.toString(36).padStart(7, "0")).join("");
}
