/**
 * Everything that one can do on a board, as one table: toolbars, keys, the dialog that shows the keys and the page's hints
 * are all made from it. What an action does is in commands.js.
 */

import { ActionTable, ARROWS } from "../../lib/actions.js";

/** @typedef {import("../../lib/actions.js").Action} Action */

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

/** Keys work on the board, and others while one writes. */
export const TABLE = new ActionTable(ACTIONS, ["board", "text"]);

export const isTool = (/** @type {Action} */ action) => action.group === "tools";
