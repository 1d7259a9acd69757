/**
 * One's boards, or one's pages, by workspace, and making a new one; above them, the workspaces that one is invited into.
 */

import * as boards from "../boards/sync/local.js";
import { byId, make } from "../lib/dom.js";
import "../lib/drops.js";
import { call, list, picture, signOut, user } from "../lib/session.js";
import { Invitations } from "./invitations.js";
import { say, translate } from "./words.js";

/** @typedef {{ id: number, name: string, role: string, member_count: number, thumbnail?: unknown }} Listed a document, as REST lists it */

const kind = document.body.dataset.kind === "page" ? "page" : "board";
/** What differs by kind, in words. */
const WORDS =
  kind === "page"
    ? { none: say("No pages yet."), make: say("New page"), name: say("Name of a new page"), nameIn: "Name of a new page in {workspace}" }
    : { none: say("No boards yet."), make: say("New board"), name: say("Name of a new board"), nameIn: "Name of a new board in {workspace}" };
const ROLE = /** @type {Record<string, string>} */ ({ owner: say("owner"), editor: say("editor"), viewer: say("viewer") });
translate();
const me = await user();
byId("who").textContent = me.fullname;
for (const link of document.querySelectorAll("nav a")) {
  if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
}

byId("leave").addEventListener("click", async () => {
  const next = await signOut();
  location.replace(next ?? `/signin#${location.pathname}${location.search}${location.hash}`); // and back to this list, whoever signs in
});

/** @type {Set<number>} documents, of all workspaces */
const mine = new Set();
const shelf = showWorkspaces();
new Invitations(enter).follow();

async function showWorkspaces() {
  try {
    const copies = await boards.copiesOf(me.id);
    const workspaces = await list("/workspaces");
    byId("workspaces").append(...(await Promise.all(workspaces.map(section))));
    if (kind === "board") await boards.forget(copies.filter(({ boardId }) => !mine.has(boardId)));
  } catch (problem) {
    byId("failure").textContent = problem.message;
  }
  byId("workspaces").removeAttribute("aria-busy");
}

/** Shows a workspace that one has just come into. @param {{ id: number, name: string }} workspace */
async function enter(workspace) {
  const shown = await section(workspace);
  await shelf; // which may have it already
  document.getElementById(`workspace-${workspace.id}`)?.closest("section")?.remove();
  byId("workspaces").append(shown);
  byId(`workspace-${workspace.id}`).focus();
}

/** @param {{ id: number, name: string }} workspace @returns {Promise<HTMLElement>} */
async function section(workspace) {
  const path = `/workspaces/${workspace.id}/${kind}s`;
  const [documents, deleted] = await Promise.all([list(path), list(`${path}?deleted=true`)]);
  for (const { id } of [...documents, ...deleted]) mine.add(id);
  const heading = make("h2", { id: `workspace-${workspace.id}`, tabIndex: -1 }, workspace.name);
  const shown = make("section", { aria: { labelledby: heading.id } });
  const renew = async () => shown.replaceWith(await section(workspace));
  const cards = make("ul", {}, ...documents.map((one) => card(one, renew)));
  if (!documents.length) cards.append(make("li", { className: "none" }, WORDS.none));
  shown.append(heading, cards, creation(workspace, documents.filter(({ is_template: isTemplate }) => isTemplate)));
  if (deleted.length) shown.append(make("details", {}, make("summary", {}, say("Deleted ({count})", { count: deleted.length })), bin(deleted, renew)));
  return shown;
}

/** @param {Listed} one  @param {() => Promise<void>} renew */
function card(one, renew) {
  const shown = make("div", { className: "thumbnail" });
  if (one.thumbnail) {
    picture(`/${kind}s/${one.id}/thumbnail`).then((blob) => {
      shown.append(make("img", { src: URL.createObjectURL(blob), alt: "" }));
    }, () => {}); // a card without a picture is a card as well
  }
  const role = ROLE[one.role];
  const told = one.member_count === 1 ? say("{role} · 1 member", { role }) : say("{role} · {count} members", { role, count: one.member_count });
  const link = make("a", { href: `/${kind}/${one.id}` }, shown, make("strong", {}, one.name), make("small", {}, told));
  const remove = () => call("DELETE", `/${kind}s/${one.id}`);
  return make("li", {}, link, one.role === "owner" ? changing(say("Delete"), say("Delete {name}", { name: one.name }), remove, renew) : null);
}

/** What one has deleted oneself, say: it is all there still. @param {Listed[]} deleted  @param {() => Promise<void>} renew */
function bin(deleted, renew) {
  const row = (/** @type {Listed} */ one) => {
    const restore = () => call("POST", `/${kind}s/${one.id}/restore`);
    return make("li", {}, make("span", {}, one.name), changing(say("Restore"), say("Restore {name}", { name: one.name }), restore, renew));
  };
  return make("ul", {}, ...deleted.map(row));
}

/** @param {string} text  @param {string} label  @param {() => Promise<unknown>} change  @param {() => Promise<void>} renew */
function changing(text, label, change, renew) {
  const button = make("button", { type: "button", className: "quiet", aria: { label } }, text);
  button.addEventListener("click", () =>
    attempt(async () => {
      await change();
      await renew();
    }),
  );
  return button;
}

/** The form for a new one, which may begin as a copy of a template. @param {{ id: number, name: string }} workspace  @param {Listed[]} templates */
function creation(workspace, templates) {
  const name = make("input", { name: "name", placeholder: WORDS.name, required: true });
  name.setAttribute("aria-label", say(WORDS.nameIn, { workspace: workspace.name }));
  const empty = make("option", { value: "" }, say("Empty"));
  const from = make("select", { hidden: !templates.length, aria: { label: say("Begin with") } }, empty);
  from.append(...templates.map((one) => make("option", { value: String(one.id) }, one.name)));
  const form = make("form", { className: "new" }, name, from, make("button", { className: "primary" }, WORDS.make));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const wanted = { name: name.value.trim(), ...(from.value && { template: Number(from.value) }) };
      const made = await call("POST", `/workspaces/${workspace.id}/${kind}s`, wanted);
      location.assign(`/${kind}/${made.id}`);
    });
  });
  return form;
}

/** @param {() => Promise<void>} act */
async function attempt(act) {
  byId("failure").textContent = "";
  try {
    await act();
  } catch (problem) {
    byId("failure").textContent = problem.message;
  }
}
