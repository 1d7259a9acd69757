/** What leaves the page: the board as a file, as a picture, and on paper. */

import { penOf } from "../../lib/dom.js";
import { draw, PAPER } from "./drawing.js";

/** @typedef {import("./elements.js").Elements} Elements */
/** @typedef {import("../content/document.js").Picture} Picture */
/** @typedef {(width: number, height: number) => { width: number, height: number }} Fit */

const MARGIN = 40;
const SHARPNESS = 2; // pixels of a PNG for one of the board
const LARGEST_SIDE = 8192;
const LARGEST_AREA = 2 ** 25;

/** The board as an SVG file, with its pictures inside. @param {Elements} elements */
export function asSvg(elements) {
  // A document of its own loads nothing, so that what is inside is not held against the page's policy.
  const owner = document.implementation.createDocument("http://www.w3.org/2000/svg", "svg");
  const drawn = draw(elements, { owner, address: inline, margin: MARGIN });
  return new Blob([new XMLSerializer().serializeToString(drawn)], { type: "image/svg+xml" });
}

/** The board as a PNG file: sharp, or as sharp as its size allows. @param {Elements} elements */
export async function asPng(elements) {
  return picture(elements, (width, height) => {
    const least = Math.min(SHARPNESS, LARGEST_SIDE / Math.max(width, height), Math.sqrt(LARGEST_AREA / (width * height)));
    return { width: Math.ceil(width * least), height: Math.ceil(height * least) };
  });
}

/** A PNG of the board within the size that `fit` gives for its own. @param {Elements} elements  @param {Fit} fit @returns {Promise<Blob>} */
export async function picture(elements, fit) {
  const image = new Image();
  const url = URL.createObjectURL(asSvg(elements));
  try {
    image.src = url;
    await image.decode();
    const { width, height } = fit(image.naturalWidth, image.naturalHeight);
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = penOf(canvas);
    pen.fillStyle = PAPER;
    pen.fillRect(0, 0, width, height);
    const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight, SHARPNESS);
    const [w, h] = [image.naturalWidth * scale, image.naturalHeight * scale];
    pen.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
    const made = await new Promise((/** @type {BlobCallback} */ resolve) => canvas.toBlob(resolve, "image/png"));
    if (!made) throw new Error("The browser cannot make a picture that large.");
    return made;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Before it is printed the board is drawn once more, as a whole, on a page of its own. @param {Elements} elements  @param {HTMLElement} sheet */
export function print(elements, sheet) {
  addEventListener("beforeprint", () => {
    sheet.replaceChildren(draw(elements, { owner: document, address: ({ id }) => elements.pictureUrl(id) ?? "", margin: 0 }));
  });
  addEventListener("afterprint", () => sheet.replaceChildren());
}

/** Gives a file to whoever is at the page. @param {Blob} blob  @param {string} name */
export function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {Picture} picture */
function inline({ type, data }) {
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return `data:${type};base64,${btoa(text)}`;
}
