/** What one can do with a chat as a whole: the rows of its menu. */

import { openDialog } from "../dialogs/dialogs.js";
import { momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { isAtLeast, isMuted } from "./chats.js";

const HOUR = 3_600_000;

/** @param {import("./chats.js").Chat} chat  @param {boolean} unread  @param {import("./context.js").Model} model @returns {import("./menu.js").Item[]} */
export function chatActions(chat, unread, model) {
  const single = chat.type === "Single";
  const mayInvite = !single && (chat.type === "Group" || isAtLeast(chat, "admin"));
  const muted = isMuted(chat);
  const until = chat.muted_until && Date.parse(chat.muted_until) > Date.now() ? momentOf(chat.muted_until) : "";
  /** @type {(import("./menu.js").Item | false)[]} */
  const items = [
    unread && { label: t("chat.markRead"), icon: "check", act: () => model.seen(chat.id, model.chat(chat.id).peek()?.last_seq) },
    { label: t("chat.notifications"), icon: "bell", act: () => openDialog("notifications", { chatId: chat.id }) },
    muted
      ? { label: t("chat.unmute"), icon: "mute", note: until, act: () => unmute(chat, model) }
      : { label: t("chat.muteHour"), icon: "mute", act: () => model.mute(chat.id, new Date(Date.now() + HOUR).toISOString()) },
    !single && { label: t("chat.details"), icon: "settings", act: () => openDialog("chat", { chatId: chat.id }) },
    mayInvite && { label: t("chat.add"), icon: "people", begins: true, act: () => openDialog("add", { chatId: chat.id }) },
    mayInvite && { label: t("chat.link"), icon: "link", act: () => openDialog("link", { chatId: chat.id }) },
    !single && { label: t("chat.leave"), icon: "leave", bad: true, begins: true, act: () => openDialog("leave", { chatId: chat.id }) },
  ];
  return items.filter((item) => item !== false);
}

/** @param {import("./chats.js").Chat} chat  @param {import("./context.js").Model} model */
async function unmute(chat, model) {
  await model.mute(chat.id, null);
  if (chat.notification_level === "none") await model.level(chat.id, "all");
}
