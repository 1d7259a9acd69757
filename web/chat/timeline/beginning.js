/** Where a chat begins and nobody has written yet: what it is for, and what to do first. */

import { openDialog } from "../dialogs/dialogs.js";
import { h } from "../../vendor/preact.js";
import { isAtLeast, nameOf, otherOf } from "../shell/chats.js";
import { Icon } from "../shell/icons.js";
import { Avatar } from "../shell/person.js";
import { t } from "../words/words.js";

/** @param {{ model: import("../model/model.js").Model, chatId: number }} props */
export function Beginning({ model, chatId }) {
  const chat = model.about(chatId).value;
  if (!chat) return null;
  const name = nameOf(chat, model);
  const other = otherOf(chat, model);
  const invites = chat.type !== "Single" && !chat.archived_at && (chat.type === "Group" || isAtLeast(chat, "admin"));
  const sign = other
    ? h(Avatar, { id: other.user_id, fullname: other.fullname, size: "large" })
    : h("span", { class: "picture" }, h(Icon, { name: chat.type === "Group" ? "people" : chat.type === "PrivateChannel" ? "lock" : "hash" }));
  return h(
    "div",
    { class: "begins" },
    sign,
    h("h2", { dir: "auto" }, name),
    h("p", { dir: "auto" }, chat.description || (other ? t("timeline.between", { name }) : t("timeline.begins", { name }))),
    h("p", {}, t("timeline.empty")),
    invites &&
      h(
        "div",
        { class: "acts" },
        h("button", { type: "button", class: "outlined", onClick: () => openDialog("add", { chatId }) }, h(Icon, { name: "people" }), t("chat.add")),
        h("button", { type: "button", class: "outlined", onClick: () => openDialog("link", { chatId }) }, h(Icon, { name: "link" }), t("chat.link")),
      ),
  );
}
