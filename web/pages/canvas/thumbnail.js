/**
 * A small picture of the page for the list of pages, made by whoever edits it, some time after a change: its boxes and texts
 * where they are, since a browser makes no picture of its elements.
 */

import { penOf } from "../../lib/dom.js";
import { call } from "../../lib/session.js";

const SIZE = { width: 480, height: 300 };
const AFTER_MS = 4000;
const EVERY_MS = 60_000;
const MOST_CHARACTERS = 1000; // of one text
const INK = "#23252b";
const FILLS = /** @type {Record<string, string>} */ ({ Card: "#f6f6f3", Form: "#f6f6f3", Image: "#dfe1e6", Board: "#dfe1e6" });

/**
 * @param {number} pageId
 * @param {import("../content/document.js").PageDocument} page
 * @param {import("./canvas.js").Canvas} canvas
 * @param {() => boolean} isLive
 */
export function keepThumbnail(pageId, page, canvas, isLive) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let sent = -Infinity;

  async function send() {
    timer = undefined;
    if (!page.mayEdit || !isLive()) return;
    sent = performance.now();
    await call("PUT", `/pages/${pageId}/thumbnail`, await draw(canvas)).catch(() => {}); // the next change makes another
  }

  page.undo.addEventListener("change", () => {
    timer ??= setTimeout(send, Math.max(AFTER_MS, sent + EVERY_MS - performance.now()));
  });
}

/** @param {import("./canvas.js").Canvas} canvas @returns {Promise<Blob | null>} */
function draw({ sheet, nodes }) {
  const made = Object.assign(document.createElement("canvas"), SIZE);
  const pen = penOf(made);
  const paper = sheet.getBoundingClientRect();
  const scale = SIZE.width / paper.width;
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, SIZE.width, SIZE.height);
  pen.scale(scale, scale);
  pen.textBaseline = "top";
  for (const [, node] of nodes) {
    const box = node.getBoundingClientRect();
    const [x, y] = [box.left - paper.left, box.top - paper.top];
    if (y * scale > SIZE.height) continue;
    const fill = FILLS[node.dataset.kind ?? ""];
    if (fill) {
      pen.fillStyle = fill;
      pen.fillRect(x, y, box.width, box.height);
    }
  }
  for (const text of sheet.querySelectorAll("[data-writes], td, th, hr")) drawText(pen, /** @type {HTMLElement} */ (text), paper);
  return new Promise((resolve) => made.toBlob(resolve, "image/png"));
}

/** @param {CanvasRenderingContext2D} pen  @param {HTMLElement} element  @param {DOMRect} paper */
function drawText(pen, element, paper) {
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left - paper.left, box.top - paper.top];
  const style = getComputedStyle(element);
  const height = parseFloat(style.lineHeight) || parseFloat(style.fontSize) * 1.3;
  if (element.tagName === "HR" || element.classList.contains("button")) {
    pen.fillStyle = element.tagName === "HR" ? "#dcdcd6" : "#4450c8";
    pen.fillRect(x, y, box.width, Math.max(box.height, 1));
  }
  pen.fillStyle = element.classList.contains("button") ? "#ffffff" : INK;
  pen.font = `${style.fontWeight} ${style.fontSize} system-ui, sans-serif`;
  const [left, top] = [x + (parseFloat(style.paddingLeft) || 0), y + (parseFloat(style.paddingTop) || 0)];
  for (const [at, line] of linesOf(pen, element.textContent ?? "", box.width).entries()) pen.fillText(line, left, top + at * height);
}

/** A text as it is broken into lines of a width. @param {CanvasRenderingContext2D} pen  @param {string} text  @param {number} width */
function linesOf(pen, text, width) {
  const lines = [];
  for (const paragraph of text.slice(0, MOST_CHARACTERS).split("\n")) {
    let line = "";
    for (const word of paragraph.split(/(?<=[\s\u3000-\u9fff])/)) {
      if (line && pen.measureText(line + word).width > width + 1) {
        lines.push(line);
        line = word;
      } else line += word;
    }
    lines.push(line);
  }
  return lines;
}
