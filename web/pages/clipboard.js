/** Components through the clipboard, as JSON; any other text that is pasted becomes a text. */

import { draftOf } from "./content/edits.js";

const MARK = "fechatter-component";

/** @typedef {import("./content/edits.js").Draft} Draft */

/** @param {import("./content/document.js").PageDocument} page */
export function listen(page) {
  document.addEventListener("copy", (event) => copy(event, page));
  document.addEventListener("cut", (event) => {
    if (page.mayEdit && copy(event, page) && page.selected !== null) page.remove(page.selected);
  });
  document.addEventListener("paste", (event) => {
    if (isElsewhere(event) || !page.mayEdit) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const draft = pastedFrom(text);
    if (!draft) return;
    event.preventDefault();
    page.add(draft);
  });
}

/** @param {ClipboardEvent} event  @param {import("./content/document.js").PageDocument} page */
function copy(event, page) {
  const id = page.selected;
  if (isElsewhere(event) || id === null || id === page.tree.root || getSelection()?.toString()) return false;
  event.clipboardData?.setData("text/plain", JSON.stringify({ [MARK]: draftOf(page.tree, id) }));
  event.preventDefault();
  return true;
}

/** @param {ClipboardEvent} event */
const isElsewhere = ({ target }) => target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;

/** What a pasted text becomes; null for nothing. @param {string} text @returns {Draft | null} */
export function pastedFrom(text) {
  if (!text.trim()) return null;
  try {
    const found = drafted(JSON.parse(text)[MARK]);
    if (found) return found;
  } catch {
    // It is no component.
  }
  return { name: "Text", props: { text } };
}

/** Only what a component has. @param {any} given @returns {Draft | null} */
function drafted(given) {
  if (typeof given?.name !== "string") return null;
  const props = Object(given.props) === given.props && !Array.isArray(given.props) ? given.props : {};
  const children = Array.isArray(given.children) ? given.children.map(drafted).filter((/** @type {Draft | null} */ child) => child !== null) : [];
  return { name: given.name, props, children };
}
