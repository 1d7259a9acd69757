/** What chat this is, and what can be done with it as a whole. */

import { h, useComputed } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { chatActions } from "./chat_actions.js";
import { isMuted, isUnread, nameOf, otherOf } from "./chats.js";
import { useModel } from "./context.js";
import { Icon, IconButton } from "./icons.js";
import { Menu } from "./menu.js";
import { isNarrow } from "./narrow.js";
import { PANES } from "./panes.js";
import { CustomStatus, presenceWords } from "./person.js";
import { closePane, following, go, openPane, place } from "./router.js";
import { ChatSign } from "./rows.js";

/** @param {{ chat: import("./chats.js").Chat }} properties as `model.about` has it */
export function Header({ chat }) {
  const model = useModel();
  const unread = useComputed(() => isUnread(model.chat(chat.id).value ?? { unread: 0, mention_count: 0 })).value;
  const { pane } = place.value;
  const other = otherOf(chat, model);
  const person = other && model.person(other.user_id).value;
  const panes = PANES.filter(({ shows }) => shows?.(chat));
  const [tools, more] = [panes.filter(({ yields }) => !yields || !isNarrow.value), panes.filter(({ yields }) => yields && isNarrow.value)];
  const details = other ? () => openDialog("profile", { userId: other.user_id }) : () => openDialog("chat", { chatId: chat.id });
  return h(
    "header",
    { class: "chat-header" },
    h(
      "a",
      { class: "button icon narrow-only", href: "/", "aria-label": t("header.back"), title: t("header.back"), onClick: following(() => go({})) },
      h(Icon, { name: "back" }),
    ),
    h(
      "div",
      { class: "what" },
      h("h1", { tabIndex: -1 }, h("button", { type: "button", onClick: details, title: t("header.details") }, h(ChatSign, { chat }), h("span", { dir: "auto" }, nameOf(chat, model)))),
      isMuted(chat) && h("span", { class: "mark", title: t("rows.muted") }, h(Icon, { name: "mute" }), h("span", { class: "unseen" }, t("rows.muted"))),
      person
        ? h("p", { class: "topic" }, presenceWords(person.presence), h(CustomStatus, { status: person.custom_status }))
        : chat.description && h("p", { class: "topic", dir: "auto", title: chat.description }, chat.description),
    ),
    h(
      "div",
      { class: "tools", role: "group", "aria-label": t("header.tools") },
      tools.map(({ name, icon, label }) => {
        const open = pane?.name === name;
        const text = name === "people" ? t("header.people", { n: chat.member_count }) : t(label);
        const count = name === "people" && h("span", { "aria-hidden": "true" }, chat.member_count);
        return h(
          "button",
          { key: name, type: "button", class: `tool ${name}`, "aria-label": text, title: text, "aria-pressed": open, onClick: () => (open ? closePane() : openPane(name)) },
          h(Icon, { name: icon }),
          count,
        );
      }),
      h(Menu, { label: t("header.more"), class: "icon", items: [...more.map(({ name, icon, label }) => ({ label: t(label), icon, act: () => openPane(name) })), ...chatActions(chat, unread, model)], button: h(Icon, { name: "more" }) }),
    ),
  );
}

/** A pane's own header. @param {{ title: string, children?: any }} properties */
export const PaneHeader = ({ title, children }) =>
  h("header", {}, h("h2", { tabIndex: -1 }, title), children, h(IconButton, { name: "close", label: t("panes.close"), onClick: closePane }));
