/** A board as one picture: an <svg> of all that is on it, in light colours, the same for everybody. */

import { penOf } from "../../lib/dom.js";
import { outline } from "../content/shapes.js";

/** @typedef {import("../content/document.js").Shape} Shape */
/** @typedef {import("../content/geometry.js").Box} Box */
/** Makes an element of the drawing. @typedef {(name: string, attributes: Record<string, string | number>, ...children: (Node | string)[]) => Element} Make */
/** The URL of a picture. @typedef {(picture: import("../content/document.js").Picture) => string} Address */

const SVG = "http://www.w3.org/2000/svg";
export const PAPER = "#f6f6f3";
const INK = "#23252b";
const FONT = "system-ui, sans-serif";
// The light colours of board.css, fill and stroke.
/** @type {Record<string, [fill: string, stroke: string]>} */
const COLOURS = {
  yellow: ["#ffe27a", "#a67c00"],
  orange: ["#ffc48a", "#b45309"],
  pink: ["#ffb8cb", "#b3245a"],
  purple: ["#d9c4ff", "#6b3fc2"],
  blue: ["#b4d8ff", "#1d63b8"],
  green: ["#b9e8bd", "#1d7a4b"],
  grey: ["#dfe1e6", "#3c4049"],
};

/**
 * All that is on a board, as an <svg>.
 *
 * @param {import("./elements.js").Elements} elements
 * @param {object} as
 * @param {Document} as.owner the document that it is made for
 * @param {Address} as.address
 * @param {number} as.margin around what is shown, in pixels of the board
 */
export function draw(elements, { owner, address, margin }) {
  const box = elements.around(elements.nodes.keys()) ?? { x: 0, y: 0, w: 1, h: 1 };
  /** @type {Make} */
  const make = (name, attributes, ...children) => {
    const node = owner.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
    node.append(...children);
    return node;
  };
  const frame = { x: box.x - margin, y: box.y - margin, width: box.w + 2 * margin, height: box.h + 2 * margin };
  const there = [...elements.nodes.keys()].map((id) => elements.shape(id)).filter((shape) => shape !== null);
  const shapes = there.sort((a, b) => a.z - b.z || (a.id < b.id ? -1 : 1));
  const drawn = shapes.flatMap((shape) => drawShape(make, shape, elements.box(shape.id), elements.fontSize(shape.id), address));
  const { x, y, width, height } = frame;
  return make("svg", { viewBox: `${x} ${y} ${width} ${height}`, width, height }, make("rect", { ...frame, fill: PAPER }), ...drawn);
}

/** @param {Make} make  @param {Shape} shape  @param {Box} box  @param {number} fontSize  @param {Address} address */
function drawShape(make, shape, box, fontSize, address) {
  const [fill, stroke] = COLOURS[shape.colour];
  const place = { x: box.x, y: box.y, width: box.w, height: box.h };
  if (shape.kind === "line") {
    const round = { "stroke-linecap": "round", "stroke-linejoin": "round" };
    return [make("path", { d: outline(shape, shape.x, shape.y), fill: "none", stroke, "stroke-width": shape.width, ...round })];
  }
  if (shape.kind === "picture") return [make("image", { ...place, href: address(shape) })];
  const words = drawText(make, shape, box, fontSize, shape.kind === "text" ? stroke : INK);
  if (shape.kind === "note") return [make("rect", { ...place, rx: 4, fill }), words];
  if (shape.kind === "rect") return [make("rect", { ...place, rx: 12, fill, "fill-opacity": 0.28, stroke, "stroke-width": 2 }), words];
  return [words];
}

/** @param {Make} make  @param {Shape} shape  @param {Box} box  @param {number} fontSize  @param {string} fill */
function drawText(make, { kind, text }, { x, y, w, h }, fontSize, fill) {
  const isLabel = kind === "text";
  const line = fontSize * 1.3;
  const weight = isLabel ? 600 : 400;
  const room = isLabel ? w : w - 28;
  const all = wrapped(text, room, `${weight} ${fontSize}px ${FONT}`);
  const rows = all.slice(0, Math.max(Math.floor(h / line), 1));
  if (rows.length < all.length) rows.push(`${rows.pop()}…`);
  const first = y + (h - rows.length * line) / 2 + line * 0.75;
  const across = isLabel ? x : x + w / 2;
  const anchor = isLabel ? "start" : "middle";
  const style = { "font-family": FONT, "font-size": fontSize, "font-weight": weight, "text-anchor": anchor, fill, "xml:space": "preserve" };
  return make("text", style, ...rows.map((row, at) => make("tspan", { x: across, y: first + at * line }, row)));
}

const pen = penOf(document.createElement("canvas"));

/** Rows no wider than that: broken between words, and within one that is too wide, as Chinese ones are. @param {string} text  @param {number} width  @param {string} font */
function wrapped(text, width, font) {
  pen.font = font;
  const fits = (/** @type {string} */ row) => pen.measureText(row).width <= width;
  const rows = [];
  for (const paragraph of text.split("\n")) {
    let row = "";
    for (const word of paragraph.split(/(?<= )/)) {
      if (fits(row + word.trimEnd())) {
        row += word;
        continue;
      }
      if (row) rows.push(row.trimEnd());
      row = "";
      for (const letter of word) {
        if (row && !fits(row + letter)) {
          rows.push(row);
          row = "";
        }
        row += letter;
      }
    }
    rows.push(row.trimEnd());
  }
  return rows;
}
