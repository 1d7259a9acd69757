/** What is asked before something is done with a message: to delete it, to forward it, to report it. */

import { call } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { inOneLine } from "../timeline/quote.js";
import { senderName } from "../timeline/sender.js";
import { t } from "../words/words.js";
import { Choices, Dialog, Field, Form } from "./dialogs.js";
import { found, loadPinyin, use } from "../matching/matching.js";

const MOST_CHATS = 20; // to choose from; a name finds the others

/** @typedef {{ message: Record<string, any> }} OfMessage */

/** @param {OfMessage} properties */
export function DeleteMessage({ message }) {
  const model = useModel();
  return h(
    Dialog,
    { title: t("deleteMessage.title") },
    h(Form, { act: () => model.remove(message), submit: t("deleteMessage.submit"), bad: true }, h(Quoted, { message }), h("p", {}, t("deleteMessage.hint"))),
  );
}

/** @param {OfMessage} properties */
export function Forward({ message }) {
  const model = useModel();
  const typed = useSignal("");
  const chosen = useSignal(/** @type {ReadonlySet<number>} */ (new Set()));
  useEffect(() => void loadPinyin(), []);
  const chats = [...model.chats.value.values()].filter(({ archived_at: archived }) => !archived);
  const items = chats.map((chat) => ({ key: `chat:${chat.id}`, name: nameOf(chat, model), id: chat.id }));
  const shown = found(items, typed.value).filter(({ id }, at) => at < MOST_CHATS || chosen.value.has(id));
  const choose = (/** @type {number} */ id, /** @type {boolean} */ on) => {
    chosen.value = new Set(on ? [...chosen.value, id] : [...chosen.value].filter((one) => one !== id));
  };
  const act = async () => {
    for (const id of chosen.value) use(`chat:${id}`);
    model.forward(message, [...chosen.value]);
  };
  return h(
    Dialog,
    { title: t("forward.title") },
    h(
      Form,
      { act, submit: t("forward.submit"), disabled: chosen.value.size === 0 },
      h(Quoted, { message }),
      h(Field, { label: t("forward.find"), name: "find", type: "search", autofocus: true, onInput: (/** @type {any} */ { target }) => (typed.value = target.value) }),
      h(
        "fieldset",
        { class: "choices many" },
        h("legend", { class: "unseen" }, t("forward.title")),
        shown.map(({ id, name }) =>
          h(
            "label",
            { key: id },
            h("input", { type: "checkbox", checked: chosen.value.has(id), onChange: (/** @type {any} */ { target }) => choose(id, target.checked) }),
            h("span", { dir: "auto" }, name),
          ),
        ),
      ),
    ),
  );
}

/** @param {OfMessage} properties */
export function Report({ message }) {
  const reason = useSignal("spam");
  const act = (/** @type {Record<string, string>} */ { comment }) => call("POST", `/chats/${message.chat_id}/messages/${message.id}/report`, { reason: reason.value, comment: comment.trim() });
  return h(
    Dialog,
    { title: t("report.title") },
    h(
      Form,
      { act, submit: t("report.submit") },
      h(Quoted, { message }),
      h("p", {}, t("report.hint")),
      h(Choices, { label: t("report.reason"), name: "reason", value: reason.value, onChange: (next) => (reason.value = next), choices: reasons() }),
      h(Field, { label: t("report.comment"), name: "comment", maxLength: 1000 }),
    ),
  );
}

/** @returns {[string, string][]} */
export const reasons = () => [
  ["spam", t("report.spam")],
  ["harassment", t("report.harassment")],
  ["hate", t("report.hate")],
  ["violence", t("report.violence")],
  ["sexual", t("report.sexual")],
  ["illegal", t("report.illegal")],
  ["other", t("report.other")],
];

/** @param {OfMessage} properties */
const Quoted = ({ message }) =>
  h("blockquote", { dir: "auto" }, h("strong", {}, senderName(useModel().person(message.sender_id).value)), " ", inOneLine(message));
