/** A message as an entry of a list in a pane: who, when, where and what, and the way to it. */

import { h } from "../../vendor/preact.js";
import { nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { Avatar } from "../shell/person.js";
import { addressOf, following, go, place } from "../shell/router.js";
import { senderName } from "../timeline/sender.js";
import { inOneLine } from "../timeline/quote.js";
import { briefOf, momentOf } from "../words/dates.js";

/**
 * @param {{ message: Record<string, any>, text?: any, showsChat?: boolean, open?: () => void, children?: any }} properties
 *   `text` in place of the message's; `open` in place of the way to the message, at which the pane stays
 */
export function Line({ message, text, showsChat = false, open, children }) {
  const model = useModel();
  const person = model.person(message.sender_id).value;
  const chat = model.about(message.chat_id).value;
  const next = { chatId: message.chat_id, messageId: message.id, pane: place.value.pane };
  return h(
    "li",
    { class: "line" },
    h(
      "a",
      { href: addressOf(next), onClick: following(open ?? (() => go(next))) },
      h(Avatar, { id: message.sender_id, fullname: senderName(person), avatar: person.avatar }),
      h(
        "span",
        { class: "about" },
        h("span", { class: "head" }, h("strong", { dir: "auto" }, senderName(person)), showsChat && chat && h("small", { dir: "auto" }, nameOf(chat, model)), h("time", { dateTime: message.created_at, title: momentOf(message.created_at) }, briefOf(message.created_at))),
        h("span", { class: "text", dir: "auto" }, text ?? inOneLine(message)),
      ),
    ),
    children,
  );
}
