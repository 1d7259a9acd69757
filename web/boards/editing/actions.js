/**
 * Everything that one can do on a board, as one table: toolbars, keys, the dialog that shows the keys and the page's hints
 * are all made from it. What an action does is in commands.js.
 */

/**
 * Keys are written as in `aria-keyshortcuts`: "Control+Shift+Z". Control is also ⌘. A key that is not in the table with Shift
 * works with it all the same.
 *
 * @typedef {object} Action
 * @property {string} name
 * @property {string} label what it is called, on its button and among the keys
 * @property {string} [title] what its button is called in a few more words
 * @property {string[]} [keys] the first one is on its button
 * @property {string} [shown] in place of a list of keys that would be long
 * @property {"tools" | "history" | "selection" | "zoom" | "bar"} [group] the toolbar that its button is in
 * @property {{ line?: string, solid?: string }} [icon] paths, in a square of 24
 * @property {"viewer" | "editor"} needs the least role that may do it
 * @property {"board" | "text" | "anywhere"} [where] its keys work: on the board (if left out), while one writes, or in both
 * @property {boolean} [native] the browser acts on its keys, or tells of it by an event of its own
 */

/** Which way an arrow key points. @type {Record<string, [number, number]>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const arrows = (/** @type {string[]} */ ...modifiers) => modifiers.flatMap((modifier) => Object.keys(ARROWS).map((key) => modifier + key));

/** @type {Action[]} */
export const ACTIONS = [
  { name: "select", label: "Select", keys: ["V"], group: "tools", needs: "viewer", icon: { line: "M6 4l12 8-5.5 1.2L10 19z" } },
  { name: "hand", label: "Move the view", keys: ["H"], group: "tools", needs: "viewer", icon: { line: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3" } },
  { name: "note", label: "Sticky note", keys: ["N"], group: "tools", needs: "editor", icon: { line: "M5 5h14v9l-5 5H5zM14 19v-5h5" } },
  { name: "rect", label: "Rectangle", keys: ["R"], group: "tools", needs: "editor", icon: { line: "M6 6h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z" } },
  { name: "line", label: "Pen", keys: ["P"], group: "tools", needs: "editor", icon: { line: "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3" } },
  { name: "arrow", label: "Arrow", keys: ["A"], group: "tools", needs: "editor", icon: { line: "M5 19L19 5M10 5h9v9" } },
  { name: "text", label: "Text", keys: ["T"], group: "tools", needs: "editor", icon: { line: "M5 8V5h14v3M12 5v14M9 19h6" } },
  { name: "eraser", label: "Eraser", keys: ["E"], group: "tools", needs: "editor", icon: { line: "M4 15l9-9 6 6-7 7H8zM9 10l6 6M12 19h8" } },

  { name: "write", label: "With a tool: put it here. On an element: edit its text", keys: ["Enter"], needs: "editor" },
  { name: "done", label: "End editing", keys: ["Escape", "Control+Enter"], needs: "editor", where: "text" },
  { name: "next", label: "To the next element", keys: ["Tab", "Shift+Tab"], needs: "viewer", native: true },
  { name: "leave", label: "Select nothing", keys: ["Escape"], needs: "viewer" },
  { name: "select-all", label: "Select all", keys: ["Control+A"], needs: "viewer" },
  { name: "move", label: "Move what is selected, or the view", keys: arrows("", "Shift+"), shown: "Arrows, Shift + arrows", needs: "viewer" },
  { name: "resize", label: "Change its size", keys: arrows("Alt+"), shown: "Alt + arrows", needs: "editor" },
  { name: "copy", label: "Copy", keys: ["Control+C"], needs: "viewer", native: true },
  { name: "cut", label: "Cut", keys: ["Control+X"], needs: "editor", native: true },
  { name: "paste", label: "Paste elements, text, pictures", keys: ["Control+V"], needs: "editor", native: true },

  { name: "duplicate", label: "Duplicate", keys: ["Control+D"], group: "selection", needs: "editor", icon: { line: "M10 8h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM16 8V4H4v12h4" } },
  { name: "front", label: "To the front", keys: ["]"], group: "selection", needs: "editor", icon: { solid: "M6 4h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z", line: "M18 9h2v11H9v-2" } },
  { name: "back", label: "To the back", keys: ["["], group: "selection", needs: "editor", icon: { line: "M6 4h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z", solid: "M18 9h2v11H9v-2h9z" } },
  { name: "delete", label: "Delete", keys: ["Delete", "Backspace"], group: "selection", needs: "editor", icon: { line: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" } },
  { name: "undo", label: "Undo", keys: ["Control+Z"], group: "history", needs: "editor", where: "anywhere", icon: { line: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3" } },
  { name: "redo", label: "Redo", keys: ["Control+Shift+Z", "Control+Y"], group: "history", needs: "editor", where: "anywhere", icon: { line: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h3" } },

  { name: "zoom-out", label: "Smaller", keys: ["-"], group: "zoom", needs: "viewer", icon: { line: "M5 12h14" } },
  { name: "zoom-fit", label: "Show all", keys: ["0"], group: "zoom", needs: "viewer" },
  { name: "zoom-in", label: "Larger", keys: ["Plus", "="], group: "zoom", needs: "viewer", icon: { line: "M5 12h14M12 5v14" } },
  { name: "pan", label: "Move the view, with the pointer, while it is held", keys: ["Space"], needs: "viewer", native: true },

  { name: "versions", label: "Versions", title: "Versions, and download", group: "bar", needs: "viewer", icon: { line: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2" } },
  { name: "help", label: "Keys", keys: ["?"], group: "bar", needs: "viewer", icon: { line: "M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM7 10h.01M12 10h.01M17 10h.01M8 14h8" } },
  { name: "save-png", label: "Download as PNG", needs: "viewer" },
  { name: "save-svg", label: "Download as SVG", needs: "viewer" },
  { name: "print", label: "Print", needs: "viewer" },
];

/** What a pointer does that no button says. @type {[string, string][]} */
export const POINTERS = [
  ["Wheel, two fingers", "Move the view; fingers apart or together: zoom"],
  ["Control+wheel", "Zoom"],
];

const byName = new Map(ACTIONS.map((action) => [action.name, action]));

/** @param {string} name */
export function actionNamed(name) {
  const action = byName.get(name);
  if (!action) throw new Error(`There is no action ${name}.`);
  return action;
}

/** Those of a toolbar, in their order. @param {Action["group"]} group */
export const actionsIn = (group) => ACTIONS.filter((action) => action.group === group);

export const isTool = (/** @type {Action} */ action) => action.group === "tools";

/** Whether a key of the action works in that place. @param {Action} action  @param {"board" | "text"} place */
const worksIn = ({ where = "board" }, place) => where === place || where === "anywhere";

/** @param {"board" | "text"} place */
export function keysIn(place) {
  return new Map(ACTIONS.filter((action) => worksIn(action, place)).flatMap((action) => (action.keys ?? []).map((key) => [key, action])));
}

const KEYS = { board: keysIn("board"), text: keysIn("text") };
const BY_INPUT_METHOD = 229; // of a key that Safari tells after the composing that it ended

/**
 * What a pressed key means; null for nothing. A key that an input method takes means nothing.
 *
 * @param {KeyboardEvent} event
 * @param {"board" | "text"} place
 */
export function actionOf(event, place) {
  if (event.isComposing || event.keyCode === BY_INPUT_METHOD) return null;
  const [modifiers, key] = pressed(event);
  const found = KEYS[place].get([...modifiers, ...(event.shiftKey ? ["Shift"] : []), key].join("+"));
  return found ?? KEYS[place].get([...modifiers, key].join("+")) ?? null;
}

/** @param {KeyboardEvent} event  @returns {[string[], string]} */
function pressed(event) {
  const { key, ctrlKey, metaKey, altKey } = event;
  const names = /** @type {Record<string, string>} */ ({ "+": "Plus", " ": "Space" });
  const name = names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  // With AltGr, which some report as Control and Alt, a character is typed.
  if (event.getModifierState("AltGraph")) return [[], name];
  return [[...(ctrlKey || metaKey ? ["Control"] : []), ...(altKey ? ["Alt"] : [])], name];
}

const SIGNS = /** @type {Record<string, string>} */ ({ Plus: "+", "-": "−", Escape: "Esc" });

/** A key as people read it: "Ctrl + Shift + Z". @param {string} key  @param {boolean} [isMac] */
export function shown(key, isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "")) {
  return key.split("+").map((part) => (part === "Control" ? (isMac ? "⌘" : "Ctrl") : (SIGNS[part] ?? part))).join(" + ");
}

/** The keys of an action as people read them; "" for none. @param {Action} action */
export function shownKeys(action) {
  return action.shown ?? (action.keys ?? []).map((key) => shown(key)).join(", ");
}
