/** The kinds of components that one can add: pressed, one comes right after what is selected; dragged, it comes where it is let go. */

import { make } from "../../lib/dom.js";
import { drawn } from "../../lib/toolbar.js";
import { canvasTarget } from "../canvas/drag.js";
import { KINDS } from "../content/kinds.js";

/**
 * @param {HTMLElement} place
 * @param {import("../content/document.js").PageDocument} page
 * @param {import("../canvas/canvas.js").Canvas} canvas
 * @param {import("../canvas/drag.js").Drag} drag
 * @param {(id: string) => void} added
 */
export function showPalette(place, page, canvas, drag, added) {
  for (const kind of KINDS.filter(({ hidden }) => !hidden)) {
    const draft = () => ({ name: kind.name, ...kind.begins() });
    const button = make("button", { type: "button", dataset: { add: kind.name } }, drawn({ line: kind.icon }), make("span", {}, kind.label));
    button.addEventListener("click", () => page.mayEdit && added(page.add(draft())));
    button.addEventListener("pointerdown", (event) => {
      drag.begin(event, {
        label: kind.label,
        targetAt: (at) => canvasTarget(canvas, page.tree, at, null),
        drop: (where) => added(page.add(draft(), where)),
      });
    });
    place.append(button);
  }
}
