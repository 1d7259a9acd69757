/** The workspace that is shown, and the menu of all of them. */

import { h } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { badgeOf, isAtLeast, isUnread } from "./chats.js";
import { useModel } from "./context.js";
import { Icon } from "./icons.js";
import { Menu } from "./menu.js";
import { go } from "./router.js";
import { chooseWorkspace, workspaceId, workspaceOf } from "./workspaces.js";

/** @param {{ chats: import("../model/model.js").Model["chats"]["value"] }} properties */
export function WorkspaceMenu({ chats }) {
  const model = useModel();
  const here = workspaceOf(model);
  const waiting = waitingIn(chats);
  const elsewhere = [...waiting.keys()].some((id) => id !== workspaceId.value);
  /** @type {import("./menu.js").Item[]} */
  const items = model.workspaces.value.map(({ id, name }) => ({
    label: name,
    checked: id === workspaceId.value,
    note: waiting.get(id) ? String(waiting.get(id)) : "",
    act: () => {
      chooseWorkspace(id);
      go({});
    },
  }));
  const isAdmin = here && isAtLeast(here, "admin");
  const hasDirectory = model.organizations.value.some(({ kind }) => kind === "member");
  items.push({ label: t("workspace.invite"), icon: "people", begins: true, act: () => openDialog("invite") });
  if (hasDirectory) items.push({ label: t("directory.menu"), icon: "search", act: () => openDialog("directory") });
  if (isAdmin) items.push({ label: t("workspace.people"), icon: "settings", act: () => openDialog("workspace") });
  if (isAdmin) items.push({ label: t("workspace.reports"), icon: "flag", act: () => openDialog("reports") });
  if (isAdmin) items.push({ label: t("workspace.admin"), icon: "board", href: `/admin?workspace=${here.id}` });
  items.push({ label: t("workspace.new"), icon: "plus", begins: true, act: () => openDialog("new-workspace") });
  items.push({ label: t("workspace.invitations"), icon: "unread", act: () => openDialog("invitations") });
  const button = [
    h("span", { class: "crest", "aria-hidden": "true" }, [...(here?.name ?? "F")][0]),
    h("span", { class: "name", dir: "auto" }, here?.name ?? "Fechatter"),
    elsewhere && h("span", { class: "dot" }, h("span", { class: "unseen" }, t("workspace.elsewhere"))),
    h(Icon, { name: "chevron" }),
  ];
  return h(Menu, { label: t("workspace.choose"), class: "workspace", items, button, named: true });
}

/** Messages that mean the reader, by workspace; 0 where there is something unread. @param {import("../model/model.js").Model["chats"]["value"]} chats */
function waitingIn(chats) {
  const found = new Map();
  for (const chat of chats.values()) {
    if (isUnread(chat)) found.set(chat.workspace_id, (found.get(chat.workspace_id) ?? 0) + badgeOf(chat));
  }
  return found;
}
