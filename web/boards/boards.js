/** One's boards, by workspace, and making a new one; above them, the workspaces that one is invited into. */

import { byId, make } from "../lib/dom.js";
import "../lib/drops.js";
import { call, list, picture, signOut, user } from "../lib/session.js";
import { Invitations } from "./invitations.js";
import { copiesOf, forget } from "./sync/local.js";

const me = await user();
byId("who").textContent = me.fullname;

byId("leave").addEventListener("click", async () => {
  const next = await signOut(); // first, so that other tabs let go of their boards
  await forget(await copiesOf(me.id));
  location.replace(next ?? "/signin");
});

const mine = new Set(); // boards, of all workspaces
const shelf = showWorkspaces();
new Invitations(enter).follow();

async function showWorkspaces() {
  try {
    const copies = await copiesOf(me.id);
    const workspaces = await list("/workspaces");
    byId("workspaces").append(...(await Promise.all(workspaces.map(section))));
    await forget(copies.filter(({ boardId }) => !mine.has(boardId)));
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

async function section(workspace) {
  const path = `/workspaces/${workspace.id}/boards`;
  const [boards, deleted] = await Promise.all([list(path), list(`${path}?deleted=true`)]);
  for (const { id } of [...boards, ...deleted]) mine.add(id);
  const heading = make("h2", { id: `workspace-${workspace.id}`, tabIndex: -1 }, workspace.name);
  const shown = make("section", { aria: { labelledby: heading.id } });
  const renew = async () => shown.replaceWith(await section(workspace));
  const cards = make("ul", {}, ...boards.map((board) => card(board, renew)));
  if (!boards.length) cards.append(make("li", { className: "none" }, "No boards yet."));
  shown.append(heading, cards, newBoard(workspace));
  if (deleted.length) shown.append(make("details", {}, make("summary", {}, `Deleted (${deleted.length})`), bin(deleted, renew)));
  return shown;
}

function card(board, renew) {
  const shown = make("div", { className: "thumbnail" });
  if (board.thumbnail) {
    picture(`/boards/${board.id}/thumbnail`).then((blob) => {
      shown.append(make("img", { src: URL.createObjectURL(blob), alt: "" }));
    }, () => {}); // a card without a picture is a card as well
  }
  const told = `${board.role} · ${board.member_count} ${board.member_count === 1 ? "member" : "members"}`;
  const link = make("a", { href: `/board/${board.id}` }, shown, make("strong", {}, board.name), make("small", {}, told));
  const remove = () => call("DELETE", `/boards/${board.id}`);
  return make("li", {}, link, board.role === "owner" ? changing("Delete", board, remove, renew) : null);
}

/** What one has deleted oneself, say: it is all there still. */
function bin(deleted, renew) {
  const row = (board) => {
    const restore = () => call("POST", `/boards/${board.id}/restore`);
    return make("li", {}, make("span", {}, board.name), changing("Restore", board, restore, renew));
  };
  return make("ul", {}, ...deleted.map(row));
}

function changing(text, board, change, renew) {
  const button = make("button", { type: "button", className: "quiet", aria: { label: `${text} ${board.name}` } }, text);
  button.addEventListener("click", async () => {
    byId("failure").textContent = "";
    try {
      await change();
      await renew();
    } catch (problem) {
      byId("failure").textContent = problem.message;
    }
  });
  return button;
}

function newBoard(workspace) {
  const name = make("input", { name: "name", placeholder: "Name of a new board", required: true });
  name.setAttribute("aria-label", `Name of a new board in ${workspace.name}`);
  const form = make("form", { className: "new" }, name, make("button", { className: "primary" }, "New board"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    byId("failure").textContent = "";
    try {
      const board = await call("POST", `/workspaces/${workspace.id}/boards`, { name: name.value.trim() });
      location.assign(`/board/${board.id}`);
    } catch (problem) {
      byId("failure").textContent = problem.message;
    }
  });
  return form;
}
