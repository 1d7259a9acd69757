/** What is in the middle where no chat is: what to do next. */

import { h } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { useModel } from "./context.js";
import { Icon } from "./icons.js";
import { following, go } from "./router.js";
import { workspaceOf } from "./workspaces.js";

/** @param {{ icon: import("./icons.js").IconName, title: string, text: string, children?: any }} properties */
export const Empty = ({ icon, title, text, children }) =>
  h("div", { class: "empty" }, h("span", { class: "picture" }, h(Icon, { name: icon })), h("h1", { tabIndex: -1 }, title), h("p", {}, text), h("div", { class: "acts" }, children));

/** In a workspace where one is in no chat: what there is to join. Else what there is to open. */
export function NothingOpen() {
  const model = useModel();
  const workspace = workspaceOf(model);
  if (workspace && ![...model.chats.value.values()].some((chat) => chat.workspace_id === workspace.id)) return h(Newcomer, { name: workspace.name });
  return h(
    Empty,
    { icon: "thread", title: t("empty.title"), text: t("empty.text") },
    h("button", { type: "button", class: "primary", onClick: () => openDialog("switcher") }, t("sidebar.jump")),
    h("button", { type: "button", class: "outlined", onClick: () => openDialog("new") }, t("sidebar.new")),
  );
}

/** @param {{ name: string }} properties */
const Newcomer = ({ name }) =>
  h(
    Empty,
    { icon: "hash", title: t("empty.welcome", { name }), text: t("empty.join") },
    h("button", { type: "button", class: "primary", onClick: () => openDialog("new", { tab: "join" }) }, t("new.join")),
    h("button", { type: "button", class: "outlined", onClick: () => openDialog("new", { tab: "person" }) }, t("new.person")),
  );

export const NotHere = () =>
  h(
    Empty,
    { icon: "lock", title: t("missing.title"), text: t("missing.text") },
    h("a", { class: "button primary", href: "/", onClick: following(() => go({})) }, t("missing.back")),
  );
