/** The page of one board: puts its parts together. Each is a file in a folder beside this one. */

import { byId, make, metaOf } from "../lib/dom.js";
import "../lib/drops.js";
import { follow } from "../lib/events.js";
import { listen } from "../lib/keyboard.js";
import { call, list, user } from "../lib/session.js";
import { buttonFor } from "../lib/toolbar.js";
import { BoardDocument, COLOURS, WIDTHS } from "./content/document.js";
import { Sharing } from "../documents/share.js";
import { Versions } from "./dialogs/versions.js";
import { Elements } from "./drawing/elements.js";
import { asPng, asSvg, print, save } from "./drawing/export.js";
import { markCut } from "./drawing/overflow.js";
import { Presence } from "./drawing/presence.js";
import { keepThumbnail } from "./drawing/thumbnail.js";
import { View } from "./drawing/view.js";
import { TABLE } from "./editing/actions.js";
import * as clipboard from "./editing/clipboard.js";
import { commandsOf } from "./editing/commands.js";
import { Editor } from "./editing/editor.js";
import * as gestures from "./editing/gestures.js";
import { furnish } from "./editing/toolbar.js";
import { Tools } from "./editing/tools.js";
import { Connection } from "./sync/connection.js";
import { showGone } from "./sync/gone.js";
import { keep, watch } from "./sync/local.js";
import { tellStatus } from "./sync/status.js";

const SETTLED_MS = 5000;

const NEW_ROLE = {
  viewer: "You are a viewer now: you may look at this board, and not edit it.",
  editor: "You are an editor now: you may edit this board.",
  owner: "You are an owner of this board now.",
};

// Reasons of notify_server, in the reader's words.
/** @type {Record<string, string>} */
const REASONS = {
  read_only: "you may only look at this board now",
  board_full: "the board is full",
  too_deep: "something is nested too deep",
  quota_exceeded: "there is no room left for this workspace or for the owner of the board",
};

const boardId = Number(location.pathname.split("/").at(-1));
const REFUSED = `fechatter.refused.${boardId}`;
const sockets = metaOf("sockets");
furnish();
const me = await user();
const board = new BoardDocument();
const title = byId("name", HTMLInputElement);
const stage = byId("stage");
const view = new View(stage, byId("world"));
const elements = new Elements(board, byId("world"));
const editor = new Editor(board, elements, view, notice);
const tools = new Tools({ board, elements, view, editor, marquee: byId("marquee") });
const sharing = new Sharing("board", boardId, me);
const connection = new Connection(sockets, boardId, board.doc);
const versions = new Versions(boardId, me, saved);
const statusChanged = tellStatus(connection, () => tools.mayEdit);
const presence = new Presence({
  awareness: connection.awareness,
  elements,
  view,
  me,
  cursors: byId("cursors"),
  people: byId("people"),
  announce,
});

// -- what the board is, and what one may do

/** @type {import("../vendor/yjs.js").IndexeddbPersistence | null} */
let local = null;
let kept = true;
/** @type {keyof typeof NEW_ROLE | null} */
let role = null;

/** Whoever leaves while something is neither saved nor kept here is asked. */
addEventListener("beforeunload", (event) => {
  if (!kept && !(connection.status === "live" && connection.saved)) event.preventDefault();
});

// Where an answer is missing here the connection has noticed too, and asks when it comes back.
connection.addEventListener("board", (/** @type {any} */ { board: told }) => know(told).catch(() => {}));

/** @typedef {{ id: number, workspace_id: number, name: string, role: keyof typeof NEW_ROLE }} Board */

/** @param {Board} told the board, as REST tells it to this user */
async function know(told) {
  if (role !== null && role !== told.role) notice(NEW_ROLE[told.role]);
  role = told.role;
  title.value = told.name;
  document.title = `${told.name} · Fechatter`;
  tools.mayEdit = told.role !== "viewer";
  title.readOnly = !tools.mayEdit;
  document.body.dataset.role = told.role;
  if (!tools.mayEdit) {
    tools.choose("select");
    if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
  }
  statusChanged();
  const members = await list(`/boards/${boardId}/members`);
  presence.know(members);
  sharing.know(members, told);
  versions.know(members, told.role);
}

/** @param {boolean} all */
function keeps(all) {
  kept = all;
  byId("status").dataset.kept = String(all);
}

async function ask() {
  await call("GET", `/boards/${boardId}`).then(know).catch(() => {});
}

title.addEventListener("change", async () => {
  await call("PATCH", `/boards/${boardId}`, { name: title.value.trim() }).catch(({ message }) => notice(message));
  ask();
});

connection.addEventListener("status", (/** @type {any} */ { status, reason }) => {
  presence.settle(status === "live");
  if (status === "ended") end(reason);
  if (status === "forbidden") notice(`This address is not allowed: add ${location.origin} to notify.cors_origins.`);
  if (status === "live") {
    look();
    setTimeout(() => sessionStorage.removeItem(REFUSED), SETTLED_MS);
  }
});

/** It is not there, or not for us: nothing of it stays here. @param {string} reason */
function end(reason) {
  events.close();
  tools.mayEdit = false;
  kept = true;
  return showGone(reason, boardId, me, local);
}

/** Resolves once what was edited here is in the database. */
async function saved() {
  while (!connection.saved) await new Promise((changed) => connection.addEventListener("saved", changed, { once: true }));
}

const TOO_LARGE =
  "What you have added is more than a board may have, and only you have it. Delete something large, and load this page anew.";

/** An edit that was made before one became a viewer, say: the board is loaded anew, as it is for everybody. One that was too
 * large to be looked at is left here, to be made smaller: without what was deleted it may be taken. */
connection.addEventListener("refused", async (/** @type {any} */ { reason }) => {
  if (reason === "too_large") {
    notice(TOO_LARGE);
    return;
  }
  if (sessionStorage.getItem(REFUSED)) return;
  sessionStorage.setItem(REFUSED, reason);
  await local?.clearData();
  location.reload();
});

const refused = sessionStorage.getItem(REFUSED);
if (refused) notice(`What you did last was not taken: ${REASONS[refused] ?? refused}.`);

/** Shows all that is there, once. */
let looked = false;
function look() {
  if (looked) return;
  looked = true;
  const all = elements.around(elements.nodes.keys());
  const newest = board.ids().sort().findLast((id) => elements.nodes.has(id));
  if (all && newest) view.begin(all, elements.box(newest));
}

// -- controls

/** One step to be undone, if one may. @param {() => void} change */
function edit(change) {
  if (!tools.mayEdit) return;
  board.step();
  change();
  board.step();
}

document.addEventListener("click", ({ target }) => {
  const pressed = target instanceof Element ? target.closest("[data-action], button[data-colour], button[data-width]") : null;
  if (!(pressed instanceof HTMLElement)) return;
  const { action, colour, width } = pressed.dataset;
  if (colour) style({ colour });
  else if (width) style({ width: Number(width) });
  else if (action === "close") pressed.closest("dialog")?.close();
  else if (action === "dismiss") byId("notice").hidden = true;
  else if (action && action !== "theme") perform(action);
});

/** What is selected looks like that, and what is made next. @param {{ colour: string } | { width: number }} values */
function style(values) {
  Object.assign(tools, values);
  const fits = (/** @type {string} */ id) => !("width" in values) || board.read(id)?.kind === "line";
  edit(() => board.update([...elements.selection].filter(fits).map((id) => [id, values])));
  show();
}

byId("colours").append(
  ...COLOURS.map((colour) => make("button", { type: "button", className: colour, dataset: { colour }, aria: { label: colour }, title: colour })),
);

byId("widths").append(
  ...WIDTHS.map((width) => make("button", { type: "button", dataset: { width }, aria: { label: `Line ${width} wide` }, title: `Line ${width} wide` }, make("i"))),
);

/** Shows a button as pressed if its `data-…` is this value. @param {Element} button  @param {string} key  @param {string | number} value */
function press(button, key, value) {
  button.setAttribute("aria-pressed", String(button.getAttribute(`data-${key}`) === String(value)));
}

function show() {
  stage.dataset.tool = tools.tool;
  for (const tool of byId("tools").querySelectorAll("[aria-pressed]")) {
    press(tool, "action", tools.tool);
  }
  const [only] = elements.selection.size === 1 ? elements.selection : [];
  const shape = only ? board.read(only) : null;
  const colour = shape?.colour ?? tools.colour;
  for (const one of byId("colours").children) press(one, "colour", colour);
  const width = shape?.kind === "line" ? shape.width : tools.width;
  for (const one of byId("widths").children) press(one, "width", width);
  byId("widths").hidden = !["line", "arrow"].includes(tools.tool) && ![...elements.selection].some((id) => board.read(id)?.kind === "line");
  byId("style").hidden = !elements.selection.size && ["select", "hand", "eraser"].includes(tools.tool);
  for (const { name: action } of TABLE.inGroup("selection")) buttonFor(action).hidden = !elements.selection.size;
  byId("empty").hidden = elements.nodes.size > 0 || tools.tool !== "select";
  buttonFor("undo").disabled = !board.history.canUndo();
  buttonFor("redo").disabled = !board.history.canRedo();
}

tools.addEventListener("choose", show);
elements.addEventListener("select", show);
elements.addEventListener("draw", show);
for (const happened of /** @type {const} */ (["stack-item-added", "stack-item-popped"])) board.history.on(happened, show);
view.addEventListener("change", () => {
  byId("scale").textContent = `${Math.round(view.scale * 100)}%`;
});

gestures.listen(stage, view, (event) => tools.begin(event));
stage.addEventListener("dblclick", ({ clientX, clientY }) => {
  const id = elements.idAt(document.elementFromPoint(clientX, clientY));
  if (id && tools.mayEdit && tools.tool === "select") editor.open(id);
});
const pasting = clipboard.listen({ board, elements, view, edit, notice });
print(elements, byId("sheet"));
const commands = commandsOf({
  ...{ board, elements, view, tools, editor, edit },
  duplicate: () => pasting.duplicate(),
  page: {
    versions: () => versions.open(),
    help: () => byId("help", HTMLDialogElement).showModal(),
    "save-png": async () => save(await asPng(elements), `${title.value}.png`),
    "save-svg": () => save(asSvg(elements), `${title.value}.svg`),
    print: () => window.print(),
  },
});
const perform = TABLE.performer(commands, () => tools.mayEdit);
listen(TABLE, perform, new Set(["write", "move", "resize"]));

/** @param {string} text */
function announce(text) {
  byId("announced").textContent = text;
}

/** @param {string} text */
function notice(text) {
  byId("notice").hidden = false;
  byId("notice-text").textContent = text;
}

// -- and go

markCut(elements);
show();
try {
  const told = await call("GET", `/boards/${boardId}`);
  local = await keep(board.doc, told, me.id);
  if (local) watch(board.doc, local, keeps);
  await know(told);
} catch (problem) {
  notice(problem.message);
}
connection.open();
keepThumbnail(boardId, board, elements, () => tools.mayEdit && connection.status === "live");
const events = follow(sockets, { heard, missed: ask });

/** An event that is of this board: its name, its members, one's role. The board's own socket says nothing of these. @param {string} type  @param {any} payload */
function heard(type, payload) {
  if (!type.includes("Board") || (payload.board_id ?? payload.id) !== boardId) return;
  const { user_id: userId } = payload;
  if (type === "BoardDeleted") connection.end("board_deleted");
  else if (type === "UserLeftBoard" && userId === me.id) connection.end("removed");
  else if (type.startsWith("BoardVersion")) versions.show();
  else if (!type.startsWith("BoardThumbnail")) ask();
}
