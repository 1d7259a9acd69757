/** Writing in an element: a text area in its place, kept in step with its Y.Text while others write in it too. */

import { make } from "./dom.js";
import { MOST_TEXT, rewrite } from "./document.js";

const PAUSE_MS = 1000; // typing that pauses so long goes on as another step to be undone

export class Editor {
  constructor(board, elements, view) {
    Object.assign(this, { board, elements, view });
  }

  /** Opens the text of an element; nothing where it has none. */
  open(id) {
    const text = this.board.text(id);
    const node = this.elements.nodes.get(id);
    if (!text || !node || node.classList.contains("editing")) return;
    const shown = node.querySelector(".text");
    const area = make("textarea", { value: text.toString(), maxLength: MOST_TEXT, rows: 1, aria: { label: "Text" } });
    let typed = 0;

    const heard = (event, { origin }) => {
      if (origin === this.board) return;
      const [start, end] = [area.selectionStart, area.selectionEnd].map((at) => carried(at, event.delta));
      area.value = text.toString();
      area.setSelectionRange(start, end);
    };
    const write = () => {
      if (performance.now() - typed > PAUSE_MS) this.board.step();
      typed = performance.now();
      this.board.change(() => rewrite(text, area.value));
    };
    const close = () => {
      text.unobserve(heard);
      node.classList.remove("editing");
      shown.hidden = false;
      area.remove();
      this.board.step();
    };

    this.board.step();
    node.classList.add("editing");
    shown.hidden = true;
    node.insertBefore(area, shown.nextSibling);
    text.observe(heard);
    area.addEventListener("input", write);
    area.addEventListener("blur", close, { once: true });
    area.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const ends = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
      if (ends && !event.isComposing) node.focus({ preventScroll: true });
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
        // The text area's own history knows nothing of what others wrote.
        event.preventDefault();
        if (event.shiftKey) this.board.history.redo();
        else this.board.history.undo();
      }
    });
    this.view.reveal(this.elements.box(id));
    area.focus({ preventScroll: true });
    area.select();
  }
}

/** Where a place in a text is after a change that others have made. */
function carried(place, delta) {
  let at = 0;
  for (const { retain = 0, insert = "", delete: removed = 0 } of delta) {
    if (at + retain > place) break;
    at += retain + insert.length;
    place += insert.length - Math.min(removed, Math.max(place - at, 0));
  }
  return place;
}
