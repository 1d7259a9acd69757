/**
 * Keys of pages. Whatever listens to Enter or another key in a field asks `isComposed` first; `tests/keyboard.test.js`
 * finds what does not.
 */

const BY_INPUT_METHOD = 229;

/**
 * Whether an input method has this key: while Chinese, Japanese or Korean is composed, Enter chooses among its suggestions.
 * Safari ends a composition before it tells of the key, whose code says so.
 *
 * @param {KeyboardEvent} event
 */
export const isComposed = (event) => event.isComposing || event.keyCode === BY_INPUT_METHOD;

/**
 * Keys on a page that people edit. Which there are is in its table of actions; those in a text are its editor's.
 *
 * @param {import("./actions.js").ActionTable} table
 * @param {(name: string, event: KeyboardEvent) => boolean} perform whether it did anything; the browser has the key if not
 * @param {Set<string>} presses actions by keys that a button or a link has a use for itself
 */
export function listen(table, perform, presses) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || isComposed(event) || target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    const action = table.actionOf(event);
    if (!action || action.native || (presses.has(action.name) && target.closest("button, a"))) return;
    if (perform(action.name, event)) event.preventDefault();
  });
}
