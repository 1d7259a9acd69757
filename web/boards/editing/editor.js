/**
 * Writing in an element: a text area in its place, kept in step with its Y.Text while others write in it too.
 *
 * An input method composes a character (pinyin, kana, hangul) in the text area itself, in several steps, of which only the
 * last is meant. Until then nobody else is told of them, and the text area is left alone, or the composing would break off.
 */

import { make } from "../../lib/dom.js";
import { MOST_TEXT } from "../content/document.js";
import { difference, Draft } from "../content/text.js";
import { TABLE } from "./actions.js";

const PAUSE_MS = 1000; // after a pause of this length, typing is another step to be undone

export class Editor {
  /**
   * @param {import("../content/document.js").BoardDocument} board
   * @param {import("../drawing/elements.js").Elements} elements
   * @param {import("../drawing/view.js").View} view
   * @param {(text: string) => void} notice tells whoever writes what they have to know
   */
  constructor(board, elements, view, notice) {
    this.board = board;
    this.elements = elements;
    this.view = view;
    this.notice = notice;
  }

  /** Opens the text of an element; nothing where it has none. @param {string} id */
  open(id) {
    const text = this.board.text(id);
    const node = this.elements.nodes.get(id);
    if (!text || !node || node.classList.contains("editing")) return;
    const shown = /** @type {HTMLElement} */ (node.querySelector(".text"));
    const area = make("textarea", { value: text.toString(), rows: 1, aria: { label: "Text" } });
    const draft = new Draft(text);
    let composing = false;
    let writing = false;
    let typed = 0;

    const heard = (/** @type {import("yjs").YTextEvent} */ { delta }) => {
      if (writing) return;
      draft.follow(delta);
      if (!composing) show();
    };
    /** What others wrote. */
    const show = () => {
      if (!draft.behind) return;
      const [start, end] = draft.renew(area.selectionStart, area.selectionEnd);
      area.value = draft.shown;
      area.setSelectionRange(start, end);
    };
    const write = () => {
      this.#bound(area, draft.shown);
      if (area.value === draft.shown) return;
      if (performance.now() - typed > PAUSE_MS) this.board.step();
      typed = performance.now();
      writing = true;
      this.board.change(() => draft.write(area.value, area.selectionEnd));
      writing = false;
    };
    const settle = () => {
      composing = false;
      write();
      show();
    };
    const close = () => {
      if (composing && this.board.text(id) === text) write();
      text.unobserve(heard);
      node.classList.remove("editing");
      shown.hidden = false;
      area.remove();
      this.board.step();
      this.elements.draw([id]); // what was hidden had no size
    };

    this.board.step();
    node.classList.add("editing");
    shown.hidden = true;
    node.insertBefore(area, shown.nextSibling);
    text.observe(heard);
    area.addEventListener("input", () => composing || write());
    area.addEventListener("compositionstart", () => {
      composing = true;
    });
    area.addEventListener("compositionend", settle);
    area.addEventListener("blur", close, { once: true });
    area.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const name = TABLE.actionOf(event, "text")?.name;
      if (name === "done") node.focus({ preventScroll: true });
      if (name === "undo" || name === "redo") {
        // The text area's own history knows nothing of what others wrote.
        event.preventDefault();
        this.board.history[name]();
      }
    });
    this.view.read(this.elements.box(id), parseFloat(getComputedStyle(area).fontSize));
    area.focus({ preventScroll: true });
    area.select();
  }

  /** What is written beyond the bound is left out, and whoever writes is told. @param {HTMLTextAreaElement} area  @param {string} before */
  #bound(area, before) {
    const over = area.value.length - Math.max(MOST_TEXT, before.length);
    if (over <= 0) return;
    const caret = area.selectionEnd;
    const { start, removed, inserted } = difference(before, area.value, caret);
    const fitting = inserted.slice(0, -over).replace(/[\ud800-\udbff]$/, "");
    area.value = before.slice(0, start) + fitting + before.slice(start + removed);
    area.setSelectionRange(start + fitting.length, start + fitting.length);
    this.notice(`An element has at most ${MOST_TEXT.toLocaleString("en")} characters: the rest was left out.`);
  }
}
