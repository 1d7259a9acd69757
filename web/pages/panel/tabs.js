/** The two tabs of the right side; on a phone it comes up when one of them is wanted. */

import { byId } from "../../lib/dom.js";

const NAMES = /** @type {const} */ (["panel", "comments"]);

export class Tabs {
  constructor() {
    for (const name of NAMES) {
      byId(`tab-${name}`).addEventListener("click", () => this.open(name));
      byId(`tab-${name}`).addEventListener("keydown", (event) => {
        if (!event.code.startsWith("Arrow")) return;
        event.preventDefault();
        event.stopPropagation();
        this.open(name === "panel" ? "comments" : "panel");
        byId(`tab-${this.shown}`).focus();
      });
    }
    byId("close-right").addEventListener("click", () => delete document.body.dataset.right);
    /** @type {"panel" | "comments"} */
    this.shown = "panel";
    this.#show();
  }

  /** @param {"panel" | "comments"} name */
  open(name) {
    this.shown = name;
    document.body.dataset.right = name;
    this.#show();
  }

  #show() {
    for (const name of NAMES) {
      byId(name).hidden = name !== this.shown;
      byId(`tab-${name}`).setAttribute("aria-selected", String(name === this.shown));
      byId(`tab-${name}`).tabIndex = name === this.shown ? 0 : -1;
    }
  }
}
