/** Components through the clipboard, as JSON; any other text that is pasted becomes a text, and a file a picture. */

import { draftOf } from "./content/edits.js";
import { filesOf } from "./pictures/files.js";

const MARK = "fechatter-component";

/** @typedef {import("./content/edits.js").Draft} Draft */

/** @param {import("./content/document.js").PageDocument} page  @param {import("./pictures/uploading.js").Pictures} pictures */
export function listen(page, pictures) {
  document.addEventListener("copy", (event) => copy(event, page));
  document.addEventListener("cut", (event) => {
    if (page.mayEdit && copy(event, page)) page.removeChosen();
  });
  document.addEventListener("paste", (event) => {
    if (isElsewhere(event) || !page.mayEdit) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const files = text ? [] : filesOf(event.clipboardData);
    if (files.length) pictures.put(files, { id: pictures.pictureAt(page.selected) });
    const drafts = pastedFrom(text);
    if (!drafts.length) return;
    event.preventDefault();
    page.together(() => drafts.forEach((draft, at) => page.add(draft, at ? page.placeAfter() : undefined)));
  });
}

/** @param {ClipboardEvent} event  @param {import("./content/document.js").PageDocument} page */
function copy(event, page) {
  const { acted } = page;
  if (isElsewhere(event) || !acted.length || getSelection()?.toString()) return false;
  const drafts = acted.map((id) => draftOf(page.tree, id));
  event.clipboardData?.setData("text/plain", JSON.stringify({ [MARK]: drafts.length === 1 ? drafts[0] : drafts }));
  event.preventDefault();
  return true;
}

/** @param {ClipboardEvent} event */
const isElsewhere = ({ target }) => target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;

/** What a pasted text becomes. @param {string} text @returns {Draft[]} */
export function pastedFrom(text) {
  if (!text.trim()) return [];
  try {
    const found = [JSON.parse(text)[MARK]].flat().map(drafted).filter((/** @type {Draft | null} */ one) => one !== null);
    if (found.length) return found;
  } catch {
    // It is no component.
  }
  return [{ name: "Text", props: { text } }];
}

/** Only what a component has. @param {any} given @returns {Draft | null} */
function drafted(given) {
  if (typeof given?.name !== "string") return null;
  const props = Object(given.props) === given.props && !Array.isArray(given.props) ? given.props : {};
  const children = Array.isArray(given.children) ? given.children.map(drafted).filter((/** @type {Draft | null} */ child) => child !== null) : [];
  return { name: given.name, props, children };
}
