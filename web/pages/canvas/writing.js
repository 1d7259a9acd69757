/** Editing a text where it stands. What is typed goes out a few times a second; others' edits of the same text wait. */

import { paced } from "../../lib/pace.js";
import { kindOf } from "../content/kinds.js";
import { say } from "../words.js";
import { writableOf } from "./canvas.js";

const WRITE_MS = 250;

export class Writing extends EventTarget {
  /** @type {(() => void) | null} */
  #end = null;

  /** @param {import("../content/document.js").PageDocument} page  @param {import("./canvas.js").Canvas} canvas  @param {import("../../lib/actions.js").ActionTable} actions */
  constructor(page, canvas, actions) {
    super();
    this.page = page;
    this.canvas = canvas;
    this.actions = actions;
  }

  /** Begins with a component; false where it has no text. @param {string} id */
  begin(id) {
    const component = this.page.tree.at(id);
    const node = this.canvas.node(id);
    const { writes } = kindOf(component?.name);
    const text = node && writableOf(node);
    if (!component || !writes || !text || !this.page.mayEdit) return false;
    this.end();
    this.canvas.writing = id;
    text.contentEditable = "plaintext-only";
    text.setAttribute("role", "textbox");
    text.setAttribute("aria-label", say("Text"));
    if (writes === "text") text.setAttribute("aria-multiline", "true");
    const write = paced(WRITE_MS, () => this.page.setProp(id, writes, text.innerText.replace(/\n$/, "")));
    const keys = (/** @type {KeyboardEvent} */ event) => {
      if (this.actions.actionOf(event, "text")?.name !== "done") return;
      event.preventDefault();
      event.stopPropagation();
      this.end();
      this.dispatchEvent(new Event("done"));
    };
    const end = () => this.end();
    // Others see a text once an input method has composed it.
    const input = (/** @type {Event} */ event) => /** @type {InputEvent} */ (event).isComposing || write();
    const composed = () => write();
    text.addEventListener("input", input);
    text.addEventListener("compositionend", composed);
    text.addEventListener("keydown", keys);
    text.addEventListener("blur", end);
    this.#end = () => {
      this.#end = null;
      text.removeEventListener("input", input);
      text.removeEventListener("compositionend", composed);
      text.removeEventListener("keydown", keys);
      text.removeEventListener("blur", end);
      write.flush();
      this.canvas.settle(this.page.tree);
      this.dispatchEvent(new Event("end"));
    };
    text.focus();
    getSelection()?.selectAllChildren(text);
    this.dispatchEvent(Object.assign(new Event("begin"), { id }));
    return true;
  }

  end() {
    this.#end?.();
  }
}
