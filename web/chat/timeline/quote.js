/** What a message answers, in a line above it, and the answers that a message has, in a line below it. */

import { h, useComputed, useEffect, useSignal } from "../../vendor/preact.js";
import { Avatar } from "../shell/person.js";
import { blocksOf } from "../text/message_text.js";
import { plain } from "../text/grammar.js";
import { awayOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { senderName } from "./sender.js";
import { Icon } from "../shell/icons.js";

/** @typedef {import("./controller.js").Controller} Controller */

const LONGEST = 140;
const MOST_FACES = 4;

/** The text of a message in a line, with what else there is in it. @param {Record<string, any>} message */
export function inOneLine(message) {
  if (message.deleted_at) return t("timeline.deleted");
  const text = plain(blocksOf(message.content.slice(0, 1000), new Set()), (hidden) => "▒".repeat(Math.min(hidden.length, 12)));
  if (!text && message.files.length) return t("timeline.files", { n: message.files.length });
  const signs = [...text];
  return signs.length > LONGEST ? `${signs.slice(0, LONGEST).join("")}…` : text;
}

/** @param {{ message: Record<string, any>, controller: Controller }} props */
export function Quote({ message, controller }) {
  const asked = useSignal(/** @type {Record<string, any> | null} */ (null));
  const here = useComputed(() => controller.timeline.rows.value.find(({ id }) => id === message.reply_to)).value;
  useEffect(() => {
    if (!here) controller.fetchMessage(message.chat_id, message.reply_to).then((found) => (asked.value = found), () => {});
  }, [message.reply_to]);
  const source = here ?? asked.value;
  const name = source ? senderName(controller.model.person(source.sender_id).value) : "";
  return h(
    "a",
    { class: "quote", href: controller.addressOf({ id: message.reply_to, chat_id: message.chat_id }), dir: "auto" },
    h(Icon, { name: "thread" }),
    source ? [h("strong", {}, name), " ", h("span", {}, inOneLine(source))] : h("span", {}, t("timeline.aReply")),
  );
}

/** @param {{ message: Record<string, any>, controller: Controller }} props */
export function ThreadSummary({ message, controller }) {
  const { reply_count, participants, last_reply_at } = message.thread;
  const { model } = controller;
  const followed = model.threads.value.get(message.id);
  return h(
    "button",
    { type: "button", class: followed?.unread ? "thread unread" : "thread", onClick: () => controller.openThread(message) },
    h(
      "span",
      { class: "faces", "aria-hidden": "true" },
      participants.slice(0, MOST_FACES).map((/** @type {number} */ id) => {
        const person = model.person(id).value;
        return h(Avatar, { key: id, id, fullname: senderName(person), avatar: person.avatar, size: "small" });
      }),
    ),
    h("strong", {}, t("timeline.replies", { n: reply_count })),
    last_reply_at && h("small", {}, t("timeline.lastReply", { when: awayOf(last_reply_at) })),
  );
}
