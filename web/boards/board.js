/** The page of one board: puts its parts together. Each is a file beside this one. */

import * as clipboard from "./editing/clipboard.js";
import { Connection } from "./sync/connection.js";
import { BoardDocument, COLOURS, WIDTHS } from "./content/document.js";
import { byId, make } from "../lib/dom.js";
import "../lib/drops.js";
import { Editor } from "./editing/editor.js";
import { Elements } from "./drawing/elements.js";
import { asPng, asSvg, print, save } from "./drawing/export.js";
import * as gestures from "./editing/gestures.js";
import { showGone } from "./sync/gone.js";
import * as keyboard from "./editing/keyboard.js";
import { follow } from "./sync/live.js";
import { keep, watch } from "./sync/local.js";
import { markCut } from "./drawing/overflow.js";
import { Presence } from "./drawing/presence.js";
import { call, list, user } from "../lib/session.js";
import { Sharing } from "./dialogs/share.js";
import { tellStatus } from "./sync/status.js";
import { keepThumbnail } from "./drawing/thumbnail.js";
import { Tools } from "./editing/tools.js";
import { Versions } from "./dialogs/versions.js";
import { View } from "./drawing/view.js";

const ZOOM = 1.25;
const SETTLED_MS = 5000;

const NEW_ROLE = {
  viewer: "You are a viewer now: you may look at this board, and not edit it.",
  editor: "You are an editor now: you may edit this board.",
  owner: "You are an owner of this board now.",
};

// Reasons of notify_server, in the reader's words.
const REASONS = {
  read_only: "you may only look at this board now",
  board_full: "the board is full",
  too_deep: "something is nested too deep",
  quota_exceeded: "there is no room left for this workspace or for the owner of the board",
};

const boardId = Number(location.pathname.split("/").at(-1));
const REFUSED = `fechatter.refused.${boardId}`;
const sockets = document.querySelector("meta[name=sockets]").content;
const me = await user();
const board = new BoardDocument();
const stage = byId("stage");
const view = new View(stage, byId("world"));
const elements = new Elements(board, byId("world"));
const editor = new Editor(board, elements, view, notice);
const tools = new Tools({ board, elements, view, editor, marquee: byId("marquee") });
const sharing = new Sharing(boardId, me);
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

let local = null;
let kept = true;
let role = null;

/** Whoever leaves while something is neither saved nor kept here is asked. */
addEventListener("beforeunload", (event) => {
  if (!kept && !(connection.status === "live" && connection.saved)) event.preventDefault();
});

// Where an answer is missing here the connection has noticed too, and asks when it comes back.
connection.addEventListener("board", ({ board: told }) => know(told).catch(() => {}));

async function know(told) {
  if (role !== null && role !== told.role) notice(NEW_ROLE[told.role]);
  role = told.role;
  byId("name").value = told.name;
  document.title = `${told.name} · Fechatter`;
  tools.mayEdit = told.role !== "viewer";
  byId("name").readOnly = !tools.mayEdit;
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

function keeps(all) {
  kept = all;
  byId("status").dataset.kept = all;
}

async function ask() {
  await call("GET", `/boards/${boardId}`).then(know).catch(() => {});
}

byId("name").addEventListener("change", async () => {
  await call("PATCH", `/boards/${boardId}`, { name: byId("name").value.trim() }).catch(({ message }) => notice(message));
  ask();
});

connection.addEventListener("status", ({ status, reason }) => {
  presence.settle(status === "live");
  if (status === "ended") end(reason);
  if (status === "forbidden") notice(`This address is not allowed: add ${location.origin} to notify.cors_origins.`);
  if (status === "live") {
    look();
    setTimeout(() => sessionStorage.removeItem(REFUSED), SETTLED_MS);
  }
});

/** It is not there, or not for us: nothing of it stays here. */
function end(reason) {
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
connection.addEventListener("refused", async ({ reason }) => {
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
  if (all) view.begin(all, elements.box(board.ids().sort().findLast((id) => elements.nodes.has(id))));
}

// -- controls

const actions = {
  undo: () => tools.mayEdit && board.history.undo(),
  redo: () => tools.mayEdit && board.history.redo(),
  delete: () => edit(() => board.remove([...elements.selection])),
  front: () => edit(() => board.restack([...elements.selection], true)),
  back: () => edit(() => board.restack([...elements.selection], false)),
  duplicate: () => pasting.duplicate(),
  "save-png": async () => save(await asPng(elements), `${byId("name").value}.png`),
  "save-svg": () => save(asSvg(elements), `${byId("name").value}.svg`),
  print: () => window.print(),
  "zoom-in": () => view.zoom(ZOOM),
  "zoom-out": () => view.zoom(1 / ZOOM),
  "zoom-fit": () => view.fit(elements.around(elements.nodes.keys()) ?? { x: 0, y: 0, w: 1, h: 1 }),
  help: () => byId("help").showModal(),
  dismiss: () => {
    byId("notice").hidden = true;
  },
};

/** One step to be undone, if one may. */
function edit(change) {
  if (!tools.mayEdit) return;
  board.step();
  change();
  board.step();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-action], [data-tool], button[data-colour], button[data-width]");
  if (!button) return;
  const { action, tool, colour, width } = button.dataset;
  if (tool) tools.choose(tool);
  else if (colour) style({ colour });
  else if (width) style({ width: Number(width) });
  else if (action === "close") button.closest("dialog").close();
  else actions[action]?.();
});

/** What is selected looks like that, and what is made next. */
function style(values) {
  Object.assign(tools, values);
  const fits = (id) => !("width" in values) || board.read(id)?.kind === "line";
  edit(() => board.update([...elements.selection].filter(fits).map((id) => [id, values])));
  show();
}

byId("colours").append(
  ...COLOURS.map((colour) => make("button", { type: "button", className: colour, dataset: { colour }, aria: { label: colour }, title: colour })),
);

byId("widths").append(
  ...WIDTHS.map((width) => make("button", { type: "button", dataset: { width }, aria: { label: `Line ${width} wide` }, title: `Line ${width} wide` }, make("i"))),
);

function show() {
  stage.dataset.tool = tools.tool;
  for (const button of byId("tools").querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", button.dataset.tool === tools.tool);
  }
  const [only] = elements.selection.size === 1 ? elements.selection : [];
  const shape = only && board.read(only);
  const colour = shape?.colour ?? tools.colour;
  for (const button of byId("colours").children) button.setAttribute("aria-pressed", button.dataset.colour === colour);
  const width = shape?.width ?? tools.width;
  for (const button of byId("widths").children) button.setAttribute("aria-pressed", Number(button.dataset.width) === width);
  byId("widths").hidden = !["line", "arrow"].includes(tools.tool) && ![...elements.selection].some((id) => board.read(id)?.kind === "line");
  byId("style").hidden = !elements.selection.size && ["select", "hand", "eraser"].includes(tools.tool);
  for (const button of byId("style").querySelectorAll("[data-selection]")) button.hidden = !elements.selection.size;
  byId("empty").hidden = elements.nodes.size > 0 || tools.tool !== "select";
  document.querySelector("[data-action=undo]").disabled = !board.history.canUndo();
  document.querySelector("[data-action=redo]").disabled = !board.history.canRedo();
}

tools.addEventListener("choose", show);
elements.addEventListener("select", show);
elements.addEventListener("draw", show);
for (const happened of ["stack-item-added", "stack-item-popped"]) board.history.on(happened, show);
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
keyboard.listen({ board, elements, view, tools, editor }, actions);

function announce(text) {
  byId("announced").textContent = text;
}

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
await connection.open();
if (connection.status !== "ended") {
  keepThumbnail(boardId, board, elements, () => tools.mayEdit && connection.status === "live");
  follow(sockets, boardId, { heard, missed: ask });
}

function heard(type, { user_id: userId }) {
  if (type === "BoardDeleted") connection.end("board_deleted");
  else if (type === "UserLeftBoard" && userId === me.id) connection.end("removed");
  else if (type.startsWith("BoardVersion")) versions.show();
  else if (!type.startsWith("BoardThumbnail")) ask();
}
