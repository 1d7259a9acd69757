/** The editor of one page: puts its parts together. Each is a file in a folder beside this one. */

import { Sharing } from "../documents/share.js";
import { byId, metaOf } from "../lib/dom.js";
import "../lib/drops.js";
import { follow } from "../lib/events.js";
import { listen } from "../lib/keyboard.js";
import { call, isSignedIn, list, user } from "../lib/session.js";
import { buttonFor, buttonOf, characterSwitch, keyRows } from "../lib/toolbar.js";
import { PRESSES, TABLE, WIDTHS } from "./actions.js";
import { Canvas, nameOf } from "./canvas/canvas.js";
import { canvasTarget, Drag } from "./canvas/drag.js";
import { showBoards } from "./canvas/embeds.js";
import { Presence } from "./canvas/presence.js";
import { keepThumbnail } from "./canvas/thumbnail.js";
import { Writing } from "./canvas/writing.js";
import * as clipboard from "./clipboard.js";
import { commandsOf } from "./commands.js";
import { Comments } from "./comments/comments.js";
import { PageDocument } from "./content/document.js";
import { Past } from "./dialogs/past.js";
import { Publishing } from "./dialogs/publish.js";
import { showGone } from "./dialogs/gone.js";
import { Notice } from "./dialogs/notice.js";
import { Panel } from "./panel/panel.js";
import { Tabs } from "./panel/tabs.js";
import { takeDropped } from "./pictures/dropping.js";
import { Pictures } from "./pictures/uploading.js";
import { Connection } from "./sync/connection.js";
import { Outbox } from "./sync/outbox.js";
import { tellStatus } from "./sync/status.js";
import { Undo } from "./sync/undo.js";
import { Outline } from "./tree/outline.js";
import { showPalette } from "./tree/palette.js";
import { say, translate } from "./words.js";

translate();
const pageId = Number(location.pathname.split("/").at(-1));
const sockets = metaOf("sockets");
const me = await user();
for (const group of ["history", "widths", "selection"]) byId(group).append(...TABLE.inGroup(group).map((action) => buttonOf(action, "quiet icon", group === "widths")));
byId("more").append(...TABLE.inGroup("bar").map((action) => buttonOf(action, "quiet icon")));
byId("keys").append(...keyRows(TABLE.actions, [["Control+Click", say("Select one more, or one less")], ["Shift+Click", say("Select all up to there")]]));
byId("keys").before(characterSwitch(say("Letters, digits and signs are keys too")));

const stage = byId("stage");
const title = byId("name", HTMLInputElement);
const connection = new Connection(sockets, pageId);
const { replica } = connection;
const outbox = new Outbox(me.id, pageId);
const undo = new Undo(replica);
const page = new PageDocument(replica, undo);
const canvas = new Canvas(byId("sheet"));
const drag = new Drag(stage);
const writing = new Writing(page, canvas, TABLE);
const tabs = new Tabs();
const notice = new Notice(page);
const presence = new Presence({
  canvas,
  scroller: stage,
  cursors: byId("cursors"),
  people: byId("people"),
  me,
  tell: (type, payload) => connection.tell(type, payload),
  announce,
  lookAt: (id) => canvas.node(id)?.scrollIntoView({ block: "center" }),
});
const nameOfUser = (/** @type {number} */ id) => (id === me.id ? me.fullname : presence.nameOf(id));
const pictures = new Pictures(byId("uploads"), pageId, page);
const panel = new Panel(byId("fields"), page, pictures);
new Outline(byId("outline"), page, drag);
const comments = new Comments({ pageId, me, page, canvas, nameOfUser, open: () => tabs.open("comments") });
const sharing = new Sharing("page", pageId, me);
const publishing = new Publishing(pageId, saved, () => replica.version);
const past = new Past(pageId, page, nameOfUser);
const statusChanged = tellStatus(byId("status"), connection, () => page.mayEdit);
showPalette(byId("palette"), page, canvas, drag, reveal);
clipboard.listen(page, pictures);
takeDropped(stage, { page, canvas, pictures });
showBoards(canvas);
keepThumbnail(pageId, page, canvas, () => connection.status === "live");

const commands = commandsOf({
  page,
  writing,
  shell: {
    insert: () => byId("palette").querySelector("button")?.focus(),
    properties: () => {
      tabs.open("panel");
      /** @type {HTMLElement | null} */ (byId("fields").querySelector("input, textarea, select"))?.focus();
    },
    phone: () => preview("phone"),
    tablet: () => preview("tablet"),
    desktop: () => preview("desktop"),
    comment: () => comments.begin(),
    comments: () => tabs.open("comments"),
    history: () => past.open(),
    help: () => byId("help", HTMLDialogElement).showModal(),
    publish: () => publishing.open(),
  },
});
const perform = TABLE.performer(commands, () => page.mayEdit);
listen(TABLE, perform, PRESSES);

// -- what the page is, and what one may do

const NEW_ROLE = /** @type {Record<string, string>} */ ({
  viewer: say("You are a viewer now: you may look at this page and comment on it, and not edit it."),
  editor: say("You are an editor now: you may edit this page."),
  owner: say("You are an owner of this page now."),
});
/** @type {string | null} */
let role = null;
/** Whether the page's name is being typed, which news of the page must not overwrite. */
let isNaming = false;

/** @param {any} told the page, as REST tells it to this user */
async function know(told) {
  if (role !== null && role !== told.role) notice.show(NEW_ROLE[told.role]);
  role = told.role;
  pictures.workspaceId = told.workspace_id;
  if (!isNaming) title.value = told.name;
  document.title = `${told.name} · Fechatter`;
  page.mayEdit = told.role !== "viewer";
  title.readOnly = !page.mayEdit;
  document.body.dataset.role = told.role;
  if (!page.mayEdit) writing.end();
  panel.show();
  statusChanged();
  comments.role = told.role;
  const members = await list(`/pages/${pageId}/members`);
  presence.know(members);
  sharing.know(members, told);
  comments.renew();
}

async function ask() {
  await call("GET", `/pages/${pageId}`).then(know).catch(() => {});
}

connection.addEventListener("page", (event) => know(/** @type {any} */ (event).page).catch(() => {}));
connection.addEventListener("users", (event) => {
  const { users, own } = /** @type {any} */ (event);
  presence.reset(users, own);
});
connection.addEventListener("presence", (event) => {
  const { kind, payload } = /** @type {any} */ (event);
  presence.hear(kind, payload);
  showLock();
});
connection.addEventListener("status", (event) => {
  const { status, reason } = /** @type {any} */ (event);
  if (status !== "live") presence.clear();
  if (status === "ended") end(reason);
  if (status === "forbidden") notice.show(say("This address is not allowed: add {origin} to notify.cors_origins.", { origin: location.origin }));
});

/** @param {string} reason */
function end(reason) {
  events.close();
  page.mayEdit = false;
  outbox.forget();
  showGone(reason);
}

/** Resolves once what was edited here is in the database. */
async function saved() {
  if (!replica.saved && connection.status !== "live") throw new Error(say("You are offline. Publish once your edits are saved."));
  while (!replica.saved) await new Promise((changed) => replica.addEventListener("queue", changed, { once: true }));
}

title.addEventListener("input", () => (isNaming = true));
title.addEventListener("change", async () => {
  isNaming = false;
  await call("PATCH", `/pages/${pageId}`, { name: title.value.trim() }).catch(({ message }) => notice.show(message));
  ask();
});

// -- what is shown

page.addEventListener("change", () => {
  canvas.show(page.tree);
  byId("sheet").inert = page.isFree;
  past.isFree = page.isFree;
  if (page.isFree) notice.show(say("This page has other JSON than components: edit it by the REST interface."));
});
page.addEventListener("select", showSelection);
canvas.addEventListener("draw", showSelection);
undo.addEventListener("change", showHistory);
page.addEventListener("stale", () => notice.show(say("That does not fit any more: somebody has changed it since.")));

function showSelection() {
  const chosen = new Set(page.chosen);
  for (const [id, node] of canvas.nodes) node.classList.toggle("selected", chosen.has(id));
  byId("selection").hidden = page.selected === null || page.selected === page.tree.root;
  showLock();
}

page.addEventListener("select", () => {
  connection.tell("selection", { component_ids: page.chosen }, true);
  const component = page.selected === null ? undefined : page.tree.at(page.selected);
  if (!component) return;
  const amount = page.chosen.length;
  announce(amount > 1 ? `${nameOf(component)} · ${say("{count} selected", { count: amount })}` : nameOf(component));
  canvas.node(page.selected)?.scrollIntoView({ block: "nearest" });
});

function showLock() {
  const editors = page.selected === null ? [] : presence.editorsOf(page.selected);
  byId("locked").hidden = !editors.length;
  byId("locked").textContent = editors.length ? say("{name} is editing this just now.", { name: editors.join(", ") }) : "";
}

function showHistory() {
  buttonFor("undo").disabled = !undo.canUndo;
  buttonFor("redo").disabled = !undo.canRedo;
}

/** @param {string} id what has just been added */
function reveal(id) {
  canvas.node(id)?.scrollIntoView({ block: "nearest" });
  stage.focus({ preventScroll: true });
}

/** @param {string} name of a width */
function preview(name) {
  const width = WIDTHS[name];
  byId("sheet").style.maxWidth = width === null ? "" : `${width}px`;
  for (const button of byId("widths").children) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.action === name));
}

/** @param {string} text */
function announce(text) {
  byId("announced").textContent = text;
}

// -- what one does with a pointer

stage.addEventListener("click", (event) => {
  const id = canvas.idAt(event.target);
  if (writing.canvas.writing !== null && id === writing.canvas.writing) return;
  page.choose(id === page.tree.root ? null : id, event);
  stage.focus({ preventScroll: true });
});
stage.addEventListener("dblclick", ({ target }) => {
  const id = canvas.idAt(target);
  if (id !== null) writing.begin(id);
});
stage.addEventListener("pointerdown", (event) => {
  const id = canvas.idAt(event.target);
  const component = id === null ? undefined : page.tree.at(id);
  if (!component || id === null || id === page.tree.root || !page.mayEdit || canvas.writing === id) return;
  drag.begin(event, {
    label: nameOf(component),
    targetAt: (at) => canvasTarget(canvas, page.tree, at, id),
    drop: (place) => {
      page.select(id);
      page.move(id, place);
    },
  });
});
byId("outline").addEventListener("write", () => perform("write"));
document.addEventListener("click", ({ target }) => {
  const pressed = target instanceof Element ? target.closest("[data-action]") : null;
  if (!(pressed instanceof HTMLElement)) return;
  const { action } = pressed.dataset;
  if (action === "close") pressed.closest("dialog")?.close();
  else if (action === "dismiss") notice.hide();
  else if (action && action !== "theme") perform(action);
});

for (const place of [writing, panel]) {
  place.addEventListener("begin", (event) => connection.tell("editing", { component_id: /** @type {any} */ (event).id }, true));
  place.addEventListener("end", () => connection.tell("editing", { component_id: null }, true));
}
writing.addEventListener("done", () => stage.focus({ preventScroll: true }));

// -- and go

replica.addEventListener("queue", () => {
  const kept = outbox.keep(replica.queue, replica.epoch);
  byId("status").dataset.kept = String(kept);
  statusChanged();
});
replica.addEventListener("refused", (event) => notice.refused(/** @type {import("./sync/replica.js").RefusedEvent} */ (event)));
// What was typed a moment ago goes along, unless one has signed out, which leaves nothing here.
addEventListener("pagehide", () => {
  if (!isSignedIn()) return;
  writing.end();
  panel.flush();
});
/** Whoever leaves while something is neither saved nor kept here is asked. */
addEventListener("beforeunload", (event) => {
  if (byId("status").dataset.kept === "false" && !replica.saved) event.preventDefault();
});

preview("desktop");
showHistory();
const { edits, epoch } = await outbox.open();
replica.adopt(edits, epoch);
const events = follow(sockets, { heard, missed: ask });
connection.open();

/** An event that is of this page: its name, its members, comments, what is published. Its edits come over its own socket. @param {string} type  @param {any} payload */
function heard(type, payload) {
  if (!type.includes("Page") || (payload.page_id ?? payload.id) !== pageId) return;
  if (type === "PageDeleted") connection.end("page_deleted");
  else if (type === "UserLeftPage" && payload.user_id === me.id) connection.end("removed");
  else if (type.includes("Comment")) comments.renew();
  else if (type.startsWith("PagePublication")) publishing.renew();
  else if (type !== "PageEdited" && !type.startsWith("PageThumbnail") && !type.startsWith("PageVersion")) ask();
}
