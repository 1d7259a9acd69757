/** Files that are dropped on the page: on a picture they replace it, elsewhere they become new ones there. */

import { canvasTarget } from "../canvas/drag.js";
import { filesOf } from "./files.js";

/**
 * @param {HTMLElement} stage
 * @param {{ page: import("../content/document.js").PageDocument, canvas: import("../canvas/canvas.js").Canvas, pictures: import("./uploading.js").Pictures }} parts
 */
export function takeDropped(stage, { page, canvas, pictures }) {
  stage.addEventListener("dragover", (event) => {
    if (!page.mayEdit || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  stage.addEventListener("drop", (event) => {
    const files = filesOf(event.dataTransfer);
    if (!page.mayEdit || !files.length) return;
    event.preventDefault();
    pictures.put(files, { id: pictures.pictureAt(canvas.idAt(event.target)), place: canvasTarget(canvas, page.tree, event, null)?.place });
  });
}
