/** What is told at the top of the page: once, until it is dismissed. */

import { byId } from "../../lib/dom.js";
import { nameOf } from "../canvas/canvas.js";
import { say } from "../words.js";

/** Why an edit was not taken, by the codes of docs/pages/protocol.md. @type {Record<string, string>} */
const REASONS = {
  PATCH_FAILED: say("it does not fit any more"),
  READ_ONLY: say("you may only look at this page now"),
  TOO_LARGE: say("the page would be too large"),
  QUOTA_EXCEEDED: say("there is no room left for this workspace or for the owner of the page"),
  RESTORED: say("the database was restored from a backup meanwhile"),
};

export class Notice {
  /** @type {(() => void) | null} */
  #act = null;

  /** @param {import("../content/document.js").PageDocument} page */
  constructor(page) {
    this.page = page;
    this.button = byId("notice-act");
    this.button.addEventListener("click", () => {
      this.#act?.();
      this.hide();
    });
  }

  /** With something that one may do about it. @param {string} text  @param {{ label: string, act: () => void }} [way] */
  show(text, way) {
    byId("notice").hidden = false;
    byId("notice-text").textContent = text;
    this.#act = way?.act ?? null;
    this.button.hidden = !way;
    if (way) this.button.textContent = way.label;
  }

  hide() {
    byId("notice").hidden = true;
  }

  /** An edit was not taken. Where others have changed the same, it can be made once more. @param {import("../sync/replica.js").RefusedEvent} refused */
  refused({ edit, code, message }) {
    const { page } = this;
    const [, , id = ""] = edit.patches[0]?.path.split("/") ?? [];
    const component = page.tree.at(id);
    const what = component ? nameOf(component) : say("something that is gone");
    if (code === "VERSION_CONFLICT" && edit.undoes) this.show(say("It was not undone: somebody has changed {what} since.", { what }));
    else if (code === "VERSION_CONFLICT") {
      const again = { label: say("Use mine"), act: () => page.change(edit.patches) };
      this.show(say("Others are changing {what} too, and what you did last was not taken.", { what }), again);
    } else this.show(say("What you did to {what} was not taken: {reason}.", { what, reason: REASONS[code] ?? message }));
  }
}
