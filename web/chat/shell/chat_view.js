/** An open chat: its header, its messages, what is written in it, and the pane beside them. */

import { h, useEffect } from "../../vendor/preact.js";
import { Composer } from "../composer/composer.js";
import { editLast, TimelineView } from "../timeline/timeline_view.js";
import { t } from "../words/words.js";
import { nameOf } from "./chats.js";
import { useModel } from "./context.js";
import { Header } from "./header.js";
import { focusOn } from "./keys.js";
import { place, rememberChat } from "./router.js";

/** @param {{ chatId: number }} properties */
export function ChatView({ chatId }) {
  const model = useModel();
  const chat = model.about(chatId).value;
  const target = place.value.messageId ?? undefined;
  useEffect(() => {
    rememberChat(chatId);
    focusOn("composer", { unlessNarrow: true });
    return () => model.left(chatId);
  }, [model, chatId]);
  if (!chat) return null;
  return [
    h(Header, { key: "header", chat }),
    h(
      "div",
      { key: "timeline", class: "timeline-frame", "data-region": "messages", tabIndex: -1, role: "region", "aria-label": t("chat.messages", { name: nameOf(chat, model) }) },
      h(TimelineView, { model, chatId, target }),
    ),
    h("div", { key: "composer", class: "composer-frame", "data-region": "composer" }, chat.archived_at ? h("p", { class: "notice" }, t("chat.archived")) : h(Composer, { model, chatId, onEditLast: () => editLast(chatId) })),
  ];
}
