/** Jumps to a chat, a person, a board or a page by a few letters of its name. */

import { list } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { openDirect } from "../panes/member_actions.js";
import { isUnread, nameOf, otherOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { Icon } from "../shell/icons.js";
import { Avatar } from "../shell/person.js";
import { openChat } from "../shell/router.js";
import { ChatSign } from "../shell/rows.js";
import { workspaceId } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { closeDialog, Dialog, openDialog } from "./dialogs.js";
import { Listbox } from "./listbox.js";
import { found, loadPinyin, use } from "../matching/matching.js";

const MOST = 30;

/** @typedef {{ key: string, name: string, also?: string, kind: "chat" | "person" | "board" | "page", of: any }} Target */

export function Switcher() {
  const model = useModel();
  const typed = useSignal("");
  const people = useSignal(/** @type {any[]} */ ([]));
  const workspace = workspaceId.value;
  useEffect(() => {
    loadPinyin();
    if (workspace !== null) list(`/workspaces/${workspace}/members?limit=500`).then((all) => (people.value = all), () => {});
  }, []);
  const targets = targetsOf(model, people.value);
  const all = found(targets, typed.value);
  const shown = typed.value.trim() ? all : all.filter(({ kind }) => kind === "chat").sort((one, other) => Number(isUnread(other.of)) - Number(isUnread(one.of)));
  const several = model.workspaces.value.length > 1;
  return h(
    Dialog,
    { title: t("switcher.title"), class: "switcher", bare: true },
    h(Listbox, {
      label: t("switcher.label"), typed: typed.value, onType: (text) => (typed.value = text), items: shown.slice(0, MOST),
      take: (/** @type {Target} */ target) => take(target, workspace), none: t("switcher.none"),
      sign: (/** @type {Target} */ { kind, of }) =>
        kind === "chat" ? h(ChatSign, { chat: of }) : h("span", { class: "sign" }, kind === "person" ? h(Avatar, { id: of.user_id, fullname: of.fullname, size: "small" }) : h(Icon, { name: kind })),
      note: (/** @type {Target} */ { kind, of }) => {
        const name = several && of.workspace_id !== workspace ? model.workspaces.value.find(({ id }) => id === of.workspace_id)?.name : kind === "person" ? `@${of.username}` : "";
        return [h("small", {}, name), kind === "chat" && isUnread(of) && h("span", { class: "dot" }, h("span", { class: "unseen" }, t("rows.unread")))];
      },
    }),
    h(
      "footer",
      {},
      h("span", { "aria-hidden": "true" }, h("kbd", {}, "↑"), " ", h("kbd", {}, "↓"), " ", t("switcher.choose")),
      h("span", { "aria-hidden": "true" }, h("kbd", {}, "↵"), " ", t("switcher.open")),
      h("button", { type: "button", onClick: () => openDialog("new", { tab: "channel" }) }, t("switcher.other")),
    ),
  );
}

/** @param {import("../shell/context.js").Model} model  @param {any[]} people @returns {Target[]} */
function targetsOf(model, people) {
  const chats = [...model.chats.value.values()];
  const direct = new Set(chats.map((chat) => otherOf(chat, model)?.user_id));
  return [
    ...chats.map((chat) => ({ key: `chat:${chat.id}`, name: nameOf(chat, model), also: otherOf(chat, model)?.username, kind: /** @type {const} */ ("chat"), of: chat })),
    ...people.filter(({ user_id: id }) => !direct.has(id) && id !== model.me.value.id).map((one) => ({ key: `person:${one.user_id}`, name: one.fullname, also: one.username, kind: /** @type {const} */ ("person"), of: one })),
    ...[...model.boards.value.values()].map((one) => ({ key: `board:${one.id}`, name: one.name, kind: /** @type {const} */ ("board"), of: one })),
    ...[...model.pages.value.values()].map((one) => ({ key: `page:${one.id}`, name: one.name, kind: /** @type {const} */ ("page"), of: one })),
  ];
}

/** @param {Target} target  @param {number | null} workspace */
function take({ key, kind, of }, workspace) {
  use(key);
  closeDialog();
  if (kind === "chat") openChat(of.id);
  else if (kind === "person" && workspace !== null) openDirect(of.user_id, workspace).catch((problem) => openDialog("failed", { problem }));
  else location.assign(`/${kind}/${of.id}`);
}
