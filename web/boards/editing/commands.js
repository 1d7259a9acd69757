/** What the actions of actions.js do. Whether one may is asked before (lib/actions.js). */

import { ARROWS } from "../../lib/actions.js";
import { freePlace, middle } from "../content/geometry.js";
import { ACTIONS, isTool } from "./actions.js";

const STEP = 8;
const LEAP = 64;
const PAN = 60;
const ZOOM = 1.25;
/** Tools that put an element of one size. */
const PUT = /** @type {const} */ (["note", "rect", "text"]);

/**
 * The commands by the actions' names. One that has nothing to act on returns false.
 *
 * @param {object} parts
 * @param {import("../content/document.js").BoardDocument} parts.board
 * @param {import("../drawing/elements.js").Elements} parts.elements
 * @param {import("../drawing/view.js").View} parts.view
 * @param {import("./tools.js").Tools} parts.tools
 * @param {import("./editor.js").Editor} parts.editor
 * @param {(change: () => void) => void} parts.edit does one step to be undone
 * @param {() => void} parts.duplicate
 * @param {Record<"versions" | "help" | "save-png" | "save-svg" | "print", () => unknown>} parts.page
 * @returns {Record<string, (event?: KeyboardEvent) => unknown>}
 */
export function commandsOf({ board, elements, view, tools, editor, edit, duplicate, page }) {
  /** With the stage in focus, Enter puts an element where one looks. @param {string} tool */
  function choose(tool) {
    tools.choose(tool);
    if (PUT.some((kind) => kind === tools.tool)) view.stage.focus({ preventScroll: true });
  }

  function write() {
    const tool = PUT.find((kind) => kind === tools.tool);
    if (tool) {
      const middles = [...elements.nodes.keys()].map((id) => middle(elements.box(id)));
      board.step();
      editor.open(tools.place(tool, freePlace(view.centre(), middles, LEAP / 2)));
    } else if (elements.selection.size === 1) {
      editor.open([...elements.selection][0]);
    }
  }

  function leave() {
    if (tools.tool !== "select") tools.choose("select");
    elements.select([]);
    view.stage.focus({ preventScroll: true });
  }

  /** How far an arrow key goes. @param {KeyboardEvent} event */
  const way = ({ key, shiftKey }) => ARROWS[key].map((one) => one * (shiftKey ? LEAP : STEP));

  /** @param {KeyboardEvent} event */
  function move(event) {
    if (!elements.selection.size) {
      const [right, down] = ARROWS[event.key];
      view.pan(-right * PAN, -down * PAN);
      return true;
    }
    if (!tools.mayEdit) return false;
    const [dx, dy] = way(event);
    return change(({ id, x, y }) => [id, { x: x + dx, y: y + dy }]);
  }

  /** @param {KeyboardEvent} event */
  function resize(event) {
    const [dx, dy] = way(event);
    return change(({ id, kind, w, h }) => (kind === "line" ? null : [id, { w: Math.max(w + dx, STEP * 3), h: Math.max(h + dy, STEP * 3) }]));
  }

  /** Each press of a key is a step of its own. @param {(shape: any) => [string, import("../content/document.js").Values] | null} values */
  function change(values) {
    if (!elements.selection.size) return false;
    board.step();
    board.update([...elements.selection].map((id) => values(board.read(id))).filter((one) => one !== null));
    const box = elements.around(elements.selection);
    if (box) view.reveal(box);
    return true;
  }

  return {
    ...Object.fromEntries(ACTIONS.filter(isTool).map(({ name }) => [name, () => choose(name)])),
    ...page,
    write,
    leave,
    move: (event) => event && move(event),
    resize: (event) => event && resize(event),
    "select-all": () => elements.select(elements.nodes.keys()),
    duplicate,
    front: () => edit(() => board.restack([...elements.selection], true)),
    back: () => edit(() => board.restack([...elements.selection], false)),
    delete: () => edit(() => board.remove([...elements.selection])),
    undo: () => board.history.undo(),
    redo: () => board.history.redo(),
    "zoom-out": () => view.zoom(1 / ZOOM),
    "zoom-fit": () => view.fit(elements.around(elements.nodes.keys()) ?? { x: 0, y: 0, w: 1, h: 1 }),
    "zoom-in": () => view.zoom(ZOOM),
  };
}
