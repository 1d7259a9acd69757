/** Below the newest message of a direct chat, if it is one's own: whether the other person has read it. */

import { h, useComputed } from "../../vendor/preact.js";
import { Icon } from "../shell/icons.js";
import { t } from "../words/words.js";

/** @param {{ controller: import("./controller.js").Controller }} props */
export function Receipt({ controller }) {
  const { model, timeline, chatId, threadId } = controller;
  const isRead = useComputed(() => {
    const chat = model.chat(chatId).value;
    if (threadId !== null || chat?.type !== "Single" || !timeline.atEnd.value) return false;
    const me = model.me.value.id;
    const last = timeline.rows.value.at(-1);
    if (!last || last.sender_id !== me || last.pending || last.deleted_at) return false;
    return Boolean(chat.members?.some((/** @type {any} */ one) => one.user_id !== me && one.last_read_seq >= /** @type {number} */ (last.seq)));
  }).value;
  return isRead && h("p", { class: "receipt" }, h(Icon, { name: "check" }), t("timeline.read"));
}
