/** Following an invite: says who invites to what, also to somebody who has not signed in yet, and goes there. */

import { byId, focusFirst } from "../lib/dom.js";
import "../lib/drops.js";
import { send } from "../lib/http.js";
import { call, isSignedIn, leave } from "../lib/session.js";

const path = `/invites/${location.pathname.split("/").at(-1)}`;
const title = byId("title");
const text = byId("text");
const failure = byId("failure");
const join = byId("join", HTMLButtonElement);

join.addEventListener("click", async () => {
  if (!isSignedIn()) return leave();
  join.disabled = true;
  try {
    arrive(await call("POST", `${path}/accept`));
  } catch (problem) {
    failure.textContent = problem.message;
    join.disabled = false;
  }
});

try {
  show(isSignedIn() ? await call("GET", path) : await (await send("GET", `${path}/preview`)).json());
} catch (problem) {
  failure.textContent = problem.message;
  // Those who are in the workspace already may be let in all the same.
  if (problem.status === 403 && !isSignedIn()) offer("Sign in");
}

/**
 * @typedef {object} Target what an invite leads to; a chat has a type
 * @property {string} name
 * @property {string | null} [type]
 * @property {string} [role] on a board
 * @property {number} [board_id]
 * @property {number} [chat_id]
 * @property {boolean} [joined] whether the user is a member already
 * @property {string} invited_by_name
 * @property {string} workspace_name
 */

/** @param {Target} target */
function show(target) {
  title.textContent = target.name || "Invitation";
  document.title = `${title.textContent} · Fechatter`;
  if (target.joined) {
    arrive({ id: target.board_id ?? target.chat_id, type: target.type });
    return;
  }
  const to = target.type ? "this chat" : `this board, as ${target.role}`;
  text.textContent = `${target.invited_by_name} (${target.workspace_name}) invites you to ${to}.`;
  offer(isSignedIn() ? "Join" : "Sign in to join");
}

/** @param {string} act the label of the button */
function offer(act) {
  join.textContent = act;
  join.hidden = false;
  focusFirst(join);
}

/** A chat has a type, and no page. @param {{ id?: number, type?: string | null }} target */
function arrive({ id, type }) {
  if (!type) location.replace(`/board/${id}`);
  text.textContent = "You are in this chat.";
  join.hidden = true;
}
