/** Pictures that are pasted or dropped: made small enough for a board, whatever they were. */

import { penOf } from "../../lib/dom.js";
import { MOST_PICTURE, PICTURES } from "./document.js";

const MOST_PIXELS = 1600; // of the longer side
const SHOWN = 480; // how long that is on the board at first
const [TYPE, QUALITY] = ["image/webp", 0.85];

/** The files among what was pasted or dropped that may be pictures. @param {DataTransfer | null} transfer */
export function picturesOf(transfer) {
  return [...(transfer?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
}

/**
 * An element's { kind, type, data, w, h }, without the metadata that a camera wrote into the file. Throws if the browser
 * cannot read the file as a picture.
 *
 * @param {Blob} file
 */
export async function asElement(file) {
  const bitmap = await createImageBitmap(file);
  const longest = Math.max(bitmap.width, bitmap.height);
  let scale = Math.min(1, MOST_PIXELS / longest);
  let blob = await shrink(bitmap, scale);
  while (blob.size > MOST_PICTURE || !PICTURES.includes(blob.type)) blob = await shrink(bitmap, (scale *= 0.7));
  const shown = Math.min(1, SHOWN / longest);
  const [w, h] = [bitmap.width, bitmap.height].map((side) => Math.max(Math.round(side * shown), 1));
  bitmap.close();
  return { kind: "picture", type: blob.type, data: new Uint8Array(await blob.arrayBuffer()), w, h };
}

/** @param {ImageBitmap} bitmap  @param {number} scale  @returns {Promise<Blob>} */
function shrink(bitmap, scale) {
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(Math.round(side * scale), 1));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  penOf(canvas).drawImage(bitmap, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("It cannot be drawn."))), TYPE, QUALITY);
  });
}
