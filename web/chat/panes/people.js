/** Who is in a chat. */

import { h } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { isAtLeast } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { PaneHeader } from "../shell/header.js";
import { Icon, IconButton } from "../shell/icons.js";
import { Menu } from "../shell/menu.js";
import { Avatar, CustomStatus, Presence } from "../shell/person.js";
import { language, languageTag, t } from "../words/words.js";
import { memberActions } from "./member_actions.js";

const ORDER = /** @type {Record<string, number>} */ ({ owner: 0, admin: 1, member: 2 });

/** @param {{ chatId: number }} properties */
export function People({ chatId }) {
  const model = useModel();
  const chat = model.about(chatId).value;
  const members = model.members(chatId).value;
  if (!chat) return null;
  const { compare } = new Intl.Collator(languageTag.value);
  const sorted = [...(members ?? [])].sort((one, other) => ORDER[one.role] - ORDER[other.role] || compare(one.fullname, other.fullname));
  const mayAdd = chat.type === "Group" || isAtLeast(chat, "admin");
  return [
    h(
      PaneHeader,
      { key: "header", title: t("header.people", { n: chat.member_count }) },
      mayAdd && h(IconButton, { name: "plus", label: t("chat.add"), onClick: () => openDialog("add", { chatId }) }),
    ),
    h(
      "div",
      { key: "list", class: "scrolls", "aria-busy": !members },
      h("ul", { class: "people-list", "aria-label": t("panes.people"), lang: language.value === "zh" ? "zh-Hans" : undefined }, sorted.map((member) => h(Person, { key: member.user_id, chat, member }))),
    ),
  ];
}

/** @param {{ chat: import("../shell/chats.js").Chat, member: any }} properties */
function Person({ chat, member }) {
  const model = useModel();
  const { user_id: userId, fullname, role, silenced_until: silenced } = member;
  const actions = memberActions(chat, member, model);
  const isSilenced = silenced !== null && Date.parse(silenced) > Date.now();
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "person", onClick: () => openDialog("profile", { userId }) },
      h("span", { class: "sign" }, h(Avatar, { id: userId, fullname, avatar: member.avatar }), h(Presence, { userId })),
      h(
        "span",
        { class: "who" },
        h("strong", { dir: "auto" }, fullname, userId === model.me.value.id && h("small", {}, ` ${t("people.you")}`)),
        member.custom_status ? h(CustomStatus, { status: member.custom_status }) : h("small", {}, `@${member.username}`),
      ),
    ),
    isSilenced && h("span", { class: "tag" }, t("people.silenced")),
    role !== "member" && h("span", { class: "tag" }, t(role === "owner" ? "people.owner" : "people.admin")),
    actions.length > 0 && h(Menu, { label: t("people.actions", { name: fullname }), class: "icon", items: actions, button: h(Icon, { name: "more" }) }),
  );
}
