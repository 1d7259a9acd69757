/** To whom a role is bound and where, in words, and what is asked of the server for that. */

import { t } from "../words/words.js";
import { pathOf } from "./tree.js";

/** What is said of all of them. @typedef {Awaited<ReturnType<typeof about>>} About */

/** @param {import("../shell/state.js").Admin["api"]} api  @param {number} id */
export async function about(api, id) {
  const [permissions, roles, departments, groups, workspaces] = await Promise.all([
    api.roles.permissions(),
    api.roles.list(id, { limit: 500 }).all(),
    api.organizations.departments(id, { limit: 500 }).all(),
    api.organizations.groups(id, { limit: 500 }).all(),
    api.organizations.workspaces(id, { limit: 500 }).all(),
  ]);
  return { permissions, roles, departments, groups, workspaces };
}

/** @param {any} binding  @param {About} found  @param {(id: number) => string} nameOf */
export function subjectOf({ user_id, group_id, department_id, with_below }, { groups, departments }, nameOf) {
  if (user_id) return nameOf(user_id);
  if (group_id) return `@${groups.find(({ id }) => id === group_id)?.name ?? group_id}`;
  const name = pathOf(departments, department_id).join(" › ");
  return with_below ? t("roles.andBelow", { name }) : name;
}

/** @param {any} binding  @param {About} found */
export function scopeOf({ workspace_id, scope_department_id, chat_id, board_id, page_id }, { workspaces, departments }) {
  if (workspace_id) return workspaces.find((one) => one.workspace_id === workspace_id)?.name ?? `#${workspace_id}`;
  if (scope_department_id) return t("roles.chatsOf", { name: pathOf(departments, scope_department_id).join(" › ") });
  if (chat_id) return t("holds.chat", { id: chat_id });
  if (board_id || page_id) return t("roles.document", { id: board_id ?? page_id });
  return t("roles.everywhere");
}
