/** What bots have said to the reader alone, above what is written in the chat. */

import { h } from "../../vendor/preact.js";
import { IconButton } from "../shell/icons.js";
import { placesOf } from "../timeline/places.js";
import { senderName } from "../timeline/sender.js";
import { MessageText } from "../text/message_text.js";
import { t } from "../words/words.js";
import { dismiss, said } from "./asking.js";

/** @param {{ model: import("../model/model.js").Model, chatId: number }} properties */
export function PrivateAnswers({ model, chatId }) {
  const here = said.value.filter((one) => one.chatId === chatId);
  return h(
    "ul",
    { class: "private-answers", role: "log", "aria-label": t("bots.private"), hidden: here.length === 0 },
    here.map(({ id, botId, content }) =>
      h(
        "li",
        { key: id },
        h("div", {}, h("small", {}, t("bots.onlyYou", { name: botId === null ? "" : senderName(model.person(botId).value) })), h(MessageText, { text: content, ...placesOf(model, { chat_id: chatId, mentions: [], mentions_everyone: false }) })),
        h(IconButton, { name: "close", label: t("bots.dismiss"), onClick: () => dismiss(id) }),
      ),
    ),
  );
}
