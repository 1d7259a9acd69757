/** What of a chat is announced, and until when nothing is. */

import { h, useSignal } from "../../vendor/preact.js";
import { isMuted, nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { t } from "../words/words.js";
import { Choices, Dialog, Form } from "./dialogs.js";

const HOUR = 3_600_000;

/** @param {{ chatId: number }} properties */
export function Notifications({ chatId }) {
  const model = useModel();
  const chat = model.chat(chatId).value;
  const level = useSignal(chat?.notification_level ?? "all");
  const until = useSignal(chat && isMuted(chat) && chat.muted_until ? "keep" : "none");
  if (!chat) return null;
  const act = async () => {
    if (level.value !== chat.notification_level) await model.level(chatId, level.value);
    if (until.value !== "keep") await model.mute(chatId, endOf(until.value));
  };
  /** @type {[string, string][]} */
  const times = [["none", t("notify.notMuted")], ["hour", t("notify.hour")], ["morning", t("notify.morning")], ["week", t("notify.week")]];
  if (chat.muted_until && isMuted(chat)) times.push(["keep", t("notify.asItIs")]);
  return h(
    Dialog,
    { title: t("notify.title", { name: nameOf(chat, model) }) },
    h(
      Form,
      { act, submit: t("dialogs.save") },
      h(Choices, {
        label: t("notify.level"), name: "level", value: level.value, onChange: (next) => (level.value = next),
        choices: [["all", t("notify.all")], ["mentions", t("notify.mentions")], ["none", t("notify.nothing"), t("notify.nothingHint")]],
      }),
      h(Choices, { label: t("notify.mute"), name: "until", value: until.value, onChange: (next) => (until.value = next), choices: times }),
    ),
  );
}

/** @param {string} choice @returns {string | null} */
function endOf(choice) {
  if (choice === "none") return null;
  const end = new Date(Date.now() + (choice === "hour" ? HOUR : choice === "week" ? 7 * 24 * HOUR : 24 * HOUR));
  if (choice === "morning") end.setHours(9, 0, 0, 0);
  return end.toISOString();
}
