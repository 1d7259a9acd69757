/**
 * Copy, cut and paste, within a board and from one to another: elements as JSON of a type of our own, and their text for
 * everybody else. Text and pictures from elsewhere become elements. What is pasted could have been made by anybody, so it
 * is bounded, and goes through `drawable` like all that is on a board.
 */

import { MOST_TEXT } from "../content/document.js";
import { asElement, picturesOf } from "../content/pictures.js";

/** An element to put on a board: its place, and what `drawable` reads of it. @typedef {import("../content/document.js").Values & import("../content/geometry.js").Place} Draft */

const TYPE = "application/vnd.fechatter.elements+json";
const MOST_ELEMENTS = 1000;
const MOST_LETTERS = 1 << 25;
const STEP = 24; // how far from what was copied a copy lies
const SIZES = { note: { w: 200, h: 200 }, text: { w: 400, h: 40 } };
const NOTE_LETTERS = 200; // longer text is no sticky note

/**
 * @param {object} parts
 * @param {import("../content/document.js").BoardDocument} parts.board
 * @param {import("../drawing/elements.js").Elements} parts.elements
 * @param {import("../drawing/view.js").View} parts.view
 * @param {(change: () => void) => void} parts.edit does one step to be undone, if one may
 * @param {(text: string) => void} parts.notice says what is wrong
 */
export function listen({ board, elements, view, edit, notice }) {
  const stage = view.stage;
  let pasted = 0;

  function selected() {
    const shapes = [...elements.selection].map((id) => board.read(id)).filter((shape) => shape !== null);
    return shapes.sort((a, b) => a.z - b.z || (a.id < b.id ? -1 : 1));
  }

  /** Puts elements on the board, moved, and selects them. @param {Draft[]} shapes  @param {number} dx  @param {number} dy */
  function put(shapes, dx, dy) {
    edit(() => {
      elements.select(board.insert(shapes.map((shape) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }))));
    });
  }

  function duplicate() {
    put(selected(), STEP, STEP);
  }

  /** Whether it was taken to the clipboard. @param {ClipboardEvent} event */
  function copy(event) {
    if (isWriting(event.target) || !event.clipboardData || !elements.selection.size || !getSelection()?.isCollapsed) return false;
    const shapes = selected();
    event.preventDefault();
    event.clipboardData.setData(TYPE, asText(shapes));
    event.clipboardData.setData("text/plain", shapes.map(({ text }) => text).filter(Boolean).join("\n"));
    pasted = 0;
    return true;
  }

  document.addEventListener("copy", copy);
  document.addEventListener("cut", (event) => {
    if (copy(event)) edit(() => board.remove([...elements.selection]));
  });

  document.addEventListener("paste", (event) => {
    const { clipboardData: data } = event;
    if (isWriting(event.target) || !data) return;
    event.preventDefault();
    const own = data.getData(TYPE);
    if (own) {
      pasted += 1;
      pasteElements(own);
    } else if (picturesOf(data).length) {
      putPictures(picturesOf(data), view.centre());
    } else if (data.getData("text/plain").trim()) {
      putText(data.getData("text/plain").trim());
    }
  });

  /** @param {string} text */
  function pasteElements(text) {
    const shapes = parsed(text);
    if (!shapes.length) return notice("What was copied cannot be pasted here.");
    // Beside what it was copied from, or where one looks, on another board.
    const near = shapes.some(({ id }) => elements.nodes.has(id));
    const { x, y } = view.centre();
    const [dx, dy] = near ? [pasted * STEP, pasted * STEP] : [x - shapes[0].x + (pasted - 1) * STEP, y - shapes[0].y + (pasted - 1) * STEP];
    put(shapes, dx, dy);
  }

  /** @param {string} text */
  function putText(text) {
    const kind = text.length <= NOTE_LETTERS ? "note" : "text";
    const { w, h } = SIZES[kind];
    const { x, y } = view.centre();
    if (text.length > MOST_TEXT) notice(`An element has at most ${MOST_TEXT.toLocaleString("en")} characters: the rest was left out.`);
    put([{ kind, text, w, h, x: Math.round(x - w / 2), y: Math.round(y - h / 2), colour: kind === "note" ? "yellow" : "grey" }], 0, 0);
  }

  /** @param {File[]} files  @param {import("../content/geometry.js").Place} centre */
  async function putPictures(files, { x, y }) {
    for (const [place, file] of files.entries()) {
      try {
        const { w, h, ...shape } = await asElement(file);
        put([{ ...shape, w, h, x: Math.round(x - w / 2), y: Math.round(y - h / 2) }], place * STEP, place * STEP);
      } catch {
        notice(`${file.name || "This"} is not a picture that can be shown here.`);
      }
    }
  }

  stage.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  stage.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    const files = picturesOf(event.dataTransfer);
    if (files.length) putPictures(files, view.toWorld(event));
    else notice("Only pictures can be put on a board.");
  });

  return { duplicate };
}

/** @param {EventTarget | null} target */
function isWriting(target) {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}

/** Elements as JSON. @param {object[]} shapes */
export function asText(shapes) {
  return JSON.stringify(shapes, bytesAsText);
}

/** A picture's bytes have no JSON: they go as base64. @param {string} key  @param {unknown} value */
function bytesAsText(key, value) {
  if (!(value instanceof Uint8Array)) return value;
  let text = "";
  for (let at = 0; at < value.length; at += 8192) text += String.fromCharCode(...value.subarray(at, at + 8192));
  return { base64: btoa(text) };
}

/** The elements of a text that anybody could have written; none where it makes no sense. @param {string} text @returns {any[]} */
export function parsed(text) {
  if (text.length > MOST_LETTERS) return [];
  try {
    const shapes = JSON.parse(text, (key, value) => (key === "data" ? Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)) : value));
    return Array.isArray(shapes) ? shapes.slice(0, MOST_ELEMENTS).filter((shape) => Number.isFinite(shape?.x) && Number.isFinite(shape.y)) : [];
  } catch {
    return [];
  }
}
