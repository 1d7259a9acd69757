/** Following an invite: says where it leads, and goes there. */

import { byId } from "./dom.js";
import { call, user } from "./session.js";

const path = `/invites/${location.pathname.split("/").at(-1)}`;
const title = byId("title");
const text = byId("text");
const failure = byId("failure");
const join = byId("join");

join.addEventListener("click", async () => {
  join.disabled = true;
  try {
    arrive(await call("POST", `${path}/accept`));
  } catch (problem) {
    failure.textContent = problem.message;
    join.disabled = false;
  }
});

await user();
try {
  show(await call("GET", path));
} catch (problem) {
  failure.textContent = problem.message;
}

function show(target) {
  title.textContent = target.name;
  if (target.joined) {
    arrive({ id: target.board_id ?? target.chat_id, type: target.type });
    return;
  }
  const to = target.board_id === null ? "this chat" : `this board, as ${target.role}`;
  text.textContent = `${target.invited_by_name} (${target.workspace_name}) invites you to ${to}.`;
  join.hidden = false;
  join.focus();
}

/** A chat has a type, and no page. */
function arrive({ id, type }) {
  if (!type) location.replace(`/board/${id}`);
  text.textContent = "You are in this chat.";
  join.hidden = true;
}
