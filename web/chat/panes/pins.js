/** What is pinned in a chat. */

import { call } from "../../lib/session.js";
import { h } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { PaneHeader } from "../shell/header.js";
import { IconButton } from "../shell/icons.js";
import { standingIn } from "../timeline/actions.js";
import { t } from "../words/words.js";
import { Line } from "./line.js";
import { Failure, useFetched } from "./loading.js";

/** @param {{ chatId: number }} properties */
export function Pins({ chatId }) {
  const model = useModel();
  const chat = model.about(chatId).value;
  const pinned = (chat?.pinned_message_ids ?? []).join(" ");
  const { found, problem, isLoading } = useFetched(() => call("GET", `/chats/${chatId}/pins?limit=100`), [chatId, pinned]);
  const standing = chat && standingIn(chat, model.me.value.id);
  return [
    h(PaneHeader, { key: "header", title: t("panes.pins") }),
    h(
      "div",
      { key: "list", class: "scrolls", "aria-busy": isLoading },
      h(Failure, { problem }),
      found?.length === 0 && h("p", { class: "notice" }, t("pins.none")),
      h("ul", { class: "lines", "aria-label": t("panes.pins") },
        (found ?? []).map((/** @type {any} */ { message }) =>
          h(Line, { key: message.id, message },
            standing?.mayPin && h(IconButton, { name: "close", label: t("pins.remove"), onClick: () => model.pin(message, false) })))),
    ),
  ];
}
