/** Pictures that are files of this site: they are fetched by a cookie, which may have to be set first, or anew. */

import { allowFiles } from "../../lib/file_access.js";

/** @param {HTMLElement} sheet */
export function showFiles(sheet) {
  for (const image of /** @type {NodeListOf<HTMLImageElement>} */ (sheet.querySelectorAll("img[data-file]"))) {
    const address = image.dataset.file ?? "";
    delete image.dataset.file;
    const show = () => (image.src = address);
    const again = () => void allowFiles(true).then(show, () => {});
    image.addEventListener("error", again, { once: true });
    allowFiles().then(show, again);
  }
}
