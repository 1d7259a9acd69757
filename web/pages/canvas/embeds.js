/** The pictures of boards that are embedded in a page, for those who may see the boards. */

import { make } from "../../lib/dom.js";
import { picture } from "../../lib/session.js";

/** Addresses of pictures, by board; null where there is none for us. @type {Map<string, Promise<string | null>>} */
const pictures = new Map();

/** Draws those that are not drawn yet, whenever something has been drawn. @param {import("./canvas.js").Canvas} canvas */
export function showBoards(canvas) {
  canvas.addEventListener("draw", () => {
    for (const embed of canvas.sheet.querySelectorAll("[data-board]")) {
      const [place] = embed.children;
      const { board = "" } = /** @type {HTMLElement} */ (embed).dataset;
      if (place.childElementCount || !board) continue;
      const shown = make("img", { alt: "", hidden: true });
      place.append(shown);
      pictureOf(board).then((address) => {
        if (address) Object.assign(shown, { src: address, hidden: false });
      });
    }
  });
}

/** @param {string} board */
function pictureOf(board) {
  const known = pictures.get(board);
  if (known) return known;
  const asked = picture(`/boards/${board}/thumbnail`).then((blob) => URL.createObjectURL(blob), () => null);
  pictures.set(board, asked);
  return asked;
}
