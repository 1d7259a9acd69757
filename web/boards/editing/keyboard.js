/** Keys on the board; those in a text are the editor's. Which there are is in actions.js. */

import { actionOf } from "./actions.js";

/** Keys that a button or a link has a use for itself. */
const PRESSES = new Set(["write", "move", "resize"]);

/** @param {(name: string, event: KeyboardEvent) => boolean} perform whether it did anything; the browser has the key if not */
export function listen(perform) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || target.closest("input, select, textarea, dialog")) return;
    const action = actionOf(event, "board");
    if (!action || action.native || (PRESSES.has(action.name) && target.closest("button, a"))) return;
    if (perform(action.name, event)) event.preventDefault();
  });
}
