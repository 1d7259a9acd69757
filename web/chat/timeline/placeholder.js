/** What a picture looks like before it is here: its ThumbHash (Evan Wallace's format) drawn at some 16 pixels, which the browser blurs. */

import { h, useEffect, useRef } from "../../vendor/preact.js";

const SIDE = 16;
const MORE_COLOUR = 1.25; // for what few terms lose, as the format says

/**
 * The pixels of a ThumbHash in base64, as canvas has them; null for what is none. It holds the first terms of a discrete
 * cosine transform of lightness, of yellow to blue, of red to green, and perhaps of opacity.
 *
 * @param {string | null} placeholder
 * @returns {{ width: number, height: number, pixels: Uint8ClampedArray<ArrayBuffer> } | null}
 */
export function decoded(placeholder) {
  const bytes = bytesOf(placeholder);
  if (!bytes || bytes.length < 5) return null;
  const first = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  const second = bytes[3] | (bytes[4] << 8);
  const hasAlpha = Boolean(first >> 23);
  const isWide = Boolean(second >> 15);
  if (hasAlpha && bytes.length < 6) return null;
  const [longest, shortest] = [hasAlpha ? 5 : 7, Math.max(3, second & 7)];
  const [across, down] = isWide ? [longest, shortest] : [shortest, longest];
  let nibble = (hasAlpha ? 6 : 5) * 2;
  const terms = (/** @type {number} */ mean, /** @type {number} */ nx, /** @type {number} */ ny, /** @type {number} */ scale) => {
    const all = [{ x: 0, y: 0, size: mean }];
    for (let y = 0; y < ny; y += 1) {
      for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x += 1, nibble += 1) {
        const value = ((bytes[nibble >> 1] ?? 0) >> (4 * (nibble & 1))) & 15;
        all.push({ x, y, size: (value / 7.5 - 1) * scale * 2 });
      }
    }
    return all;
  };
  const lightness = terms((first & 63) / 63, across, down, ((first >> 18) & 31) / 31);
  const yellowBlue = terms(((first >> 6) & 63) / 31.5 - 1, 3, 3, (((second >> 3) & 63) / 63) * MORE_COLOUR);
  const redGreen = terms(((first >> 12) & 63) / 31.5 - 1, 3, 3, (((second >> 9) & 63) / 63) * MORE_COLOUR);
  const alpha = hasAlpha ? terms((bytes[5] & 15) / 15, 5, 5, (bytes[5] >> 4) / 15) : null;
  const ratio = across / down;
  const [width, height] = [Math.round(ratio > 1 ? SIDE : SIDE * ratio), Math.round(ratio > 1 ? SIDE / ratio : SIDE)];
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [((at % width) + 0.5) / width, (Math.floor(at / width) + 0.5) / height];
    const [light, blueness, redness] = [lightness, yellowBlue, redGreen].map((all) => sumOf(all, x, y));
    const blue = light - (2 / 3) * blueness;
    const red = (3 * light - blue + redness) / 2;
    pixels.set([red, red - redness, blue, alpha ? sumOf(alpha, x, y) : 1].map((shade) => Math.max(0, Math.min(1, shade)) * 255), at * 4);
  }
  return { width, height, pixels };
}

/** @param {{ x: number, y: number, size: number }[]} terms  @param {number} x  @param {number} y */
const sumOf = (terms, x, y) => terms.reduce((sum, term) => sum + term.size * Math.cos(Math.PI * x * term.x) * Math.cos(Math.PI * y * term.y), 0);

/** @param {string | null} placeholder */
function bytesOf(placeholder) {
  try {
    return placeholder ? Uint8Array.from(atob(placeholder), (character) => character.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

/** @param {{ of: string | null }} properties */
export function Placeholder({ of }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useEffect(() => {
    const picture = decoded(of);
    const context = canvas.current?.getContext("2d");
    if (!picture || !canvas.current || !context) return;
    [canvas.current.width, canvas.current.height] = [picture.width, picture.height];
    context.putImageData(new ImageData(picture.pixels, picture.width, picture.height), 0, 0);
  }, [of]);
  return h("canvas", { ref: canvas, class: "placeholder", width: 1, height: 1, "aria-hidden": "true" });
}
