/** A small picture of the board for the list of boards, made by whoever edits it, some time after a change. */

import { call } from "./session.js";

const [WIDTH, HEIGHT] = [480, 300];
const MARGIN = 20;
const AFTER_MS = 4000;
const EVERY_MS = 60_000;
// The light colours of board.css, fill and stroke: the picture is the same for everybody.
const PAPER = "#f6f6f3";
const INK = "#23252b";
const COLOURS = {
  yellow: ["#ffe27a", "#a67c00"],
  orange: ["#ffc48a", "#b45309"],
  pink: ["#ffb8cb", "#b3245a"],
  purple: ["#d9c4ff", "#6b3fc2"],
  blue: ["#b4d8ff", "#1d63b8"],
  green: ["#b9e8bd", "#1d7a4b"],
  grey: ["#dfe1e6", "#3c4049"],
};

export function keepThumbnail(boardId, board, elements, mayEdit) {
  let timer = null;
  let sent = -Infinity;

  async function send() {
    timer = null;
    if (!mayEdit()) return;
    sent = performance.now();
    const picture = await new Promise((resolve) => {
      draw(elements).toBlob(resolve, "image/png");
    });
    await call("PUT", `/boards/${boardId}/thumbnail`, picture).catch(() => {}); // the next change makes another
  }

  board.doc.on("update", (_, origin) => {
    if (origin !== board || timer !== null) return;
    timer = setTimeout(send, Math.max(AFTER_MS, sent + EVERY_MS - performance.now()));
  });
}

function draw(elements) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  const all = elements.around(elements.nodes.keys());
  if (!all) return canvas;
  const scale = Math.min((WIDTH - 2 * MARGIN) / Math.max(all.w, 1), (HEIGHT - 2 * MARGIN) / Math.max(all.h, 1), 1);
  pen.translate(WIDTH / 2, HEIGHT / 2);
  pen.scale(scale, scale);
  pen.translate(-all.x - all.w / 2, -all.y - all.h / 2);
  const ids = [...elements.nodes.keys()].sort((a, b) => elements.shape(a).z - elements.shape(b).z);
  for (const id of ids) {
    const shape = elements.shape(id);
    [pen.fillStyle, pen.strokeStyle] = COLOURS[shape.colour];
    if (shape.kind === "line") drawLine(pen, shape);
    else drawBox(pen, shape.kind, elements.box(id), shape.text, getComputedStyle(elements.nodes.get(id)).fontSize);
  }
  return canvas;
}

function drawLine(pen, { x, y, points }) {
  pen.lineWidth = 4;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.beginPath();
  for (let at = 0; at + 1 < points.length; at += 2) pen.lineTo(x + points[at], y + points[at + 1]);
  pen.stroke();
}

function drawBox(pen, kind, { x, y, w, h }, text, fontSize) {
  const isText = kind === "text";
  if (kind === "note") pen.fillRect(x, y, w, h);
  pen.lineWidth = 2;
  if (kind === "rect") pen.strokeRect(x, y, w, h);
  pen.fillStyle = isText ? pen.strokeStyle : INK;
  pen.font = `${isText ? 600 : 400} ${fontSize} system-ui, sans-serif`;
  pen.textAlign = isText ? "left" : "center";
  const line = parseFloat(fontSize) * 1.3;
  const rows = wrapped(pen, text, isText ? w : w - 28).slice(0, Math.max(Math.floor(h / line), 1));
  const first = y + (h - rows.length * line) / 2 + line * 0.75;
  rows.forEach((row, at) => pen.fillText(row, isText ? x : x + w / 2, first + at * line));
}

function wrapped(pen, text, width) {
  const rows = [];
  for (const paragraph of text.slice(0, 500).split("\n")) {
    let row = "";
    for (const word of paragraph.split(" ")) {
      const longer = row ? `${row} ${word}` : word;
      if (row && pen.measureText(longer).width > width) {
        rows.push(row);
        row = word;
      } else {
        row = longer;
      }
    }
    rows.push(row);
  }
  return rows;
}
