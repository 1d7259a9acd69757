/** Following an invite: says who invites to what, also to somebody who has not signed in yet, and goes there. */

import { say, translate } from "../documents/words.js";
import { byId, focusFirst } from "../lib/dom.js";
import "../lib/drops.js";
import { send } from "../lib/http.js";
import { call, isSignedIn, leave } from "../lib/session.js";

const ROLE = /** @type {Record<string, string>} */ ({ owner: say("owner"), editor: say("editor"), viewer: say("viewer") });
translate();
const path = `/invites/${location.pathname.split("/").at(-1)}`;
const title = byId("title");
const text = byId("text");
const failure = byId("failure");
const join = byId("join", HTMLButtonElement);

/** Which invite this tab has asked to join by signing in first. */
const ASKED = "fechatter.joining";

join.addEventListener("click", accept);

async function accept() {
  if (!isSignedIn()) {
    sessionStorage.setItem(ASKED, path);
    return leave();
  }
  join.disabled = true;
  try {
    const { id, type, schema } = await call("POST", `${path}/accept`);
    go(type ? `/chat/${id}` : schema ? `/page/${id}` : `/board/${id}`);
  } catch (problem) {
    failure.textContent = problem.message;
    join.disabled = false;
  }
}

try {
  show(isSignedIn() ? await call("GET", path) : await (await send("GET", `${path}/preview`)).json());
} catch (problem) {
  failure.textContent = problem.message;
  // Those who are in the workspace already may be let in all the same.
  if (problem.status === 403 && !isSignedIn()) offer(say("Sign in"));
}

/**
 * @typedef {object} Target what an invite leads to; a chat has a type
 * @property {string} name
 * @property {string | null} [type]
 * @property {string} [role] on a board or a page
 * @property {number | null} [chat_id]
 * @property {number | null} [board_id]
 * @property {number | null} [page_id]
 * @property {boolean} [joined] whether the user is a member already
 * @property {string} invited_by_name
 * @property {string} workspace_name
 */

/** @param {Target} target */
function show(target) {
  title.textContent = target.name || say("Invitation");
  document.title = `${title.textContent} · Fechatter`;
  if (target.joined) {
    go(target.page_id ? `/page/${target.page_id}` : target.board_id ? `/board/${target.board_id}` : `/chat/${target.chat_id}`);
    return;
  }
  // Whoever has not signed in is not told whether it is a board or a page.
  const who = { inviter: target.invited_by_name, workspace: target.workspace_name, role: ROLE[target.role ?? ""] };
  text.textContent = target.type
    ? say("{inviter} ({workspace}) invites you to this chat.", who)
    : target.page_id
      ? say("{inviter} ({workspace}) invites you to this page, as {role}.", who)
      : target.board_id
        ? say("{inviter} ({workspace}) invites you to this board, as {role}.", who)
        : say("{inviter} ({workspace}) invites you to this document, as {role}.", who);
  offer(isSignedIn() ? say("Join") : say("Sign in or sign up to join"));
  // Whoever has said so before signing in need not say it once more.
  const hasAsked = sessionStorage.getItem(ASKED) === path;
  sessionStorage.removeItem(ASKED);
  if (hasAsked && isSignedIn()) accept();
}

/** @param {string} act the label of the button */
function offer(act) {
  join.textContent = act;
  join.hidden = false;
  focusFirst(join);
}

/** @param {string} address */
function go(address) {
  location.replace(address);
}
