/**
 * Everything that one can do on a page, as one table: toolbars, keys, and the dialog that shows the keys are made from it.
 * What an action does is in commands.js.
 */

import { ActionTable } from "../lib/actions.js";
import { say } from "./words.js";

/** @type {import("../lib/actions.js").Action[]} */
const ACTIONS = [
  { name: "undo", label: say("Undo"), keys: ["Control+Z"], group: "history", needs: "editor", where: "anywhere", icon: { line: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3" } },
  { name: "redo", label: say("Redo"), keys: ["Control+Shift+Z", "Control+Y"], group: "history", needs: "editor", where: "anywhere", icon: { line: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h3" } },

  { name: "insert", label: say("Add a component"), keys: ["A"], needs: "editor" },
  { name: "write", label: say("Edit the text"), keys: ["Enter"], needs: "editor" },
  { name: "done", label: say("End editing the text"), keys: ["Escape", "Control+Enter"], needs: "editor", where: "text" },
  { name: "properties", label: say("To the properties"), keys: ["P"], needs: "viewer" },
  { name: "next", label: say("Select the next component"), keys: ["ArrowDown"], needs: "viewer" },
  { name: "previous", label: say("Select the one before"), keys: ["ArrowUp"], needs: "viewer" },
  { name: "select-next", label: say("Select the next one too"), keys: ["Shift+ArrowDown"], needs: "viewer" },
  { name: "select-previous", label: say("Select the one before too"), keys: ["Shift+ArrowUp"], needs: "viewer" },
  { name: "select-all", label: say("Select all of the page"), keys: ["Control+A"], needs: "viewer" },
  { name: "out", label: say("Select what it is in"), keys: ["ArrowLeft", "Escape"], needs: "viewer" },
  { name: "in", label: say("Select the first one in it"), keys: ["ArrowRight"], needs: "viewer" },
  { name: "move-up", label: say("Move up"), keys: ["Alt+ArrowUp"], group: "selection", needs: "editor", icon: { line: "M12 19V5M6 11l6-6 6 6" } },
  { name: "move-down", label: say("Move down"), keys: ["Alt+ArrowDown"], group: "selection", needs: "editor", icon: { line: "M12 5v14M6 13l6 6 6-6" } },
  { name: "move-out", label: say("Move out of what it is in"), keys: ["Alt+ArrowLeft"], needs: "editor" },
  { name: "move-in", label: say("Move into the one before"), keys: ["Alt+ArrowRight"], needs: "editor" },
  { name: "duplicate", label: say("Duplicate"), keys: ["Control+D"], group: "selection", needs: "editor", icon: { line: "M10 8h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM16 8V4H4v12h4" } },
  { name: "copy", label: say("Copy"), keys: ["Control+C"], needs: "viewer", native: true },
  { name: "cut", label: say("Cut"), keys: ["Control+X"], needs: "editor", native: true },
  { name: "paste", label: say("Paste a component, or text"), keys: ["Control+V"], needs: "editor", native: true },
  { name: "comment", label: say("Comment on it"), keys: ["C"], group: "selection", needs: "viewer", icon: { line: "M5 5h14v10H11l-4 4v-4H5z" } },
  { name: "delete", label: say("Delete"), keys: ["Delete", "Backspace"], group: "selection", needs: "editor", icon: { line: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" } },

  { name: "phone", label: say("As on a phone"), keys: ["1"], group: "widths", needs: "viewer", icon: { line: "M8 3h8v18H8zM11 18h2" } },
  { name: "tablet", label: say("As on a tablet"), keys: ["2"], group: "widths", needs: "viewer", icon: { line: "M5 4h14v16H5zM11 17h2" } },
  { name: "desktop", label: say("As on a desktop"), keys: ["3"], group: "widths", needs: "viewer", icon: { line: "M3 5h18v11H3zM9 20h6M12 16v4" } },

  { name: "comments", label: say("Comments"), group: "bar", needs: "viewer", icon: { line: "M5 5h14v10H11l-4 4v-4H5zM8 9h8M8 12h5" } },
  { name: "history", label: say("History"), keys: ["H"], group: "bar", needs: "viewer", icon: { line: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2" } },
  { name: "help", label: say("Keys"), keys: ["?"], group: "bar", needs: "viewer", icon: { line: "M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM7 10h.01M12 10h.01M17 10h.01M8 14h8" } },
  { name: "publish", label: say("Publish"), needs: "editor" },
];

/** Keys work on the page, and others while one writes. */
export const TABLE = new ActionTable(ACTIONS, ["page", "text"]);

/** Widths of the sheet, in CSS pixels; null: all there is. @type {Record<string, number | null>} */
export const WIDTHS = { phone: 390, tablet: 768, desktop: null };

/** Keys that a button, a link or a tab has a use for itself. */
export const PRESSES = new Set(["write"]);
