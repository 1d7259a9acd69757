/** Leaving a chat, and what admins do about members: silence, remove, ban. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { go } from "../shell/router.js";
import { t } from "../words/words.js";
import { Choices, Dialog, Field, Form } from "./dialogs.js";

const HOUR = 3600;

/** @typedef {{ chat: import("../shell/chats.js").Chat, member: { user_id: number, fullname: string } }} OfMember */

/** @param {{ chatId: number }} properties */
export function Leave({ chatId }) {
  const model = useModel();
  const chat = model.chat(chatId).value;
  if (!chat) return null;
  const act = async () => {
    await call("POST", `/chats/${chatId}/leave`);
    go({});
  };
  const hint = chat.type === "PublicChannel" ? t("leave.public") : t("leave.private");
  return h(Dialog, { title: t("leave.title", { name: nameOf(chat, model) }) }, h("p", {}, hint), h(Form, { act, submit: t("leave.submit"), bad: true }));
}

/** @param {OfMember} properties */
export function Silence({ chat, member: { user_id: id, fullname: name } }) {
  const seconds = useSignal(String(HOUR));
  const act = () => call("PUT", `/chats/${chat.id}/members/${id}/silence`, { seconds: Number(seconds.value) });
  return h(
    Dialog,
    { title: t("silence.title", { name }) },
    h(
      Form,
      { act, submit: t("silence.submit"), bad: true },
      h("p", {}, t("silence.hint")),
      h(Choices, { label: t("silence.until"), name: "seconds", value: seconds.value, onChange: (next) => (seconds.value = next), choices: [[String(HOUR), t("notify.hour")], [String(24 * HOUR), t("status.day")], [String(7 * 24 * HOUR), t("notify.week")]] }),
    ),
  );
}

/** @param {OfMember} properties */
export const Remove = ({ chat, member: { user_id: id, fullname: name } }) =>
  h(Dialog, { title: t("remove.title", { name }) }, h("p", {}, t("remove.hint")), h(Form, { act: () => call("DELETE", `/chats/${chat.id}/members/${id}`), submit: t("remove.submit"), bad: true }));

/** @param {OfMember} properties */
export function Ban({ chat, member: { user_id: id, fullname: name } }) {
  const seconds = useSignal("");
  const act = (/** @type {Record<string, string>} */ { reason }) => call("PUT", `/chats/${chat.id}/bans/${id}`, { reason: reason.trim(), seconds: seconds.value ? Number(seconds.value) : null });
  return h(
    Dialog,
    { title: t("ban.title", { name }) },
    h(
      Form,
      { act, submit: t("ban.submit"), bad: true },
      h("p", {}, t("ban.hint")),
      h(Field, { label: t("ban.reason"), name: "reason", maxLength: 500 }),
      h(Choices, { label: t("silence.until"), name: "seconds", value: seconds.value, onChange: (next) => (seconds.value = next), choices: [["", t("ban.ever")], [String(24 * HOUR), t("status.day")], [String(7 * 24 * HOUR), t("notify.week")]] }),
    ),
  );
}
