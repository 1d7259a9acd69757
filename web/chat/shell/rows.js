/** Rows of the sidebar. */

import { h } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { badgeOf, isMuted, isUnread, nameOf, otherOf } from "./chats.js";
import { useModel } from "./context.js";
import { Icon } from "./icons.js";
import { Avatar, Presence } from "./person.js";
import { addressOf, following, openChat, openPane, place } from "./router.js";

/** @param {{ chat: import("./chats.js").Chat, current: boolean }} properties */
export function ChatRow({ chat, current }) {
  const model = useModel();
  const badge = badgeOf(chat);
  const unread = isUnread(chat) && !(current && badge === 0);
  const muted = isMuted(chat);
  const hasDraft = Boolean(chat.draft?.content) && !current;
  return h(
    "a",
    {
      class: `row ${unread ? "unread" : ""} ${muted ? "muted" : ""}`, href: addressOf({ chatId: chat.id }), "data-chat": chat.id,
      "aria-current": current ? "page" : undefined, onClick: following(() => openChat(chat.id)),
    },
    h(ChatSign, { chat }),
    h("span", { class: "name", dir: "auto" }, nameOf(chat, model)),
    hasDraft && h("span", { class: "mark", title: t("rows.draft") }, h(Icon, { name: "send" }), h("span", { class: "unseen" }, t("rows.draft"))),
    muted && h("span", { class: "mark", title: t("rows.muted") }, h(Icon, { name: "mute" }), h("span", { class: "unseen" }, t("rows.muted"))),
    unread && badge === 0 && h("span", { class: "unseen" }, t("rows.unread")),
    badge > 0 && h("span", { class: "badge" }, badge > 99 ? "99+" : badge, h("span", { class: "unseen" }, t("rows.waiting"))),
  );
}

/** What a chat is, at a glance: a person with their presence, several, or a channel. @param {{ chat: import("./chats.js").Chat }} properties */
export function ChatSign({ chat }) {
  const model = useModel();
  if (chat.type === "Single") {
    const other = otherOf(chat, model);
    if (!other) return h("span", { class: "sign" }, h(Icon, { name: "thread" }));
    return h("span", { class: "sign" }, h(Avatar, { id: other.user_id, fullname: other.fullname, size: "small" }), h(Presence, { userId: other.user_id }));
  }
  const name = chat.type === "Group" ? "people" : chat.type === "PrivateChannel" ? "lock" : "hash";
  const words = chat.type === "Group" ? "" : t(chat.type === "PrivateChannel" ? "rows.private" : "rows.public");
  return h("span", { class: "sign" }, h(Icon, { name }), words && h("span", { class: "unseen" }, words));
}

/** Opens beside the chat where there is one; another click of the mouse opens it in a tab of its own, as any link. @param {{ document: any, kind: "board" | "page", current: boolean }} properties */
export function DocumentRow({ document, kind, current }) {
  const open = () => (place.value.chatId === null ? location.assign(`/${kind}/${document.id}`) : openPane(kind, document.id));
  return h(
    "a",
    { class: "row", href: `/${kind}/${document.id}`, "aria-current": current ? "true" : undefined, onClick: following(open) },
    h("span", { class: "sign" }, h(Icon, { name: kind })),
    h("span", { class: "name", dir: "auto" }, document.name),
  );
}
