/** Dialogs about a message: to delete it, to forward it, to report it. */

import { h, useSignal } from "../../vendor/preact.js";
import { call } from "../../lib/session.js";
import { t } from "../words/words.js";
import { Dialog } from "./dialog.js";
import { inOneLine } from "./quote.js";
import { senderName } from "./sender.js";

/** @typedef {import("./controller.js").Controller} Controller */
/** @typedef {Record<string, any>} Message */

const REASONS = /** @type {const} */ ({
  spam: "timeline.spam", harassment: "timeline.harassment", hate: "timeline.hate", violence: "timeline.violence",
  sexual: "timeline.sexual", illegal: "timeline.illegal", other: "timeline.other",
});
const MOST_CHATS = 20; // to choose from; a name finds the others

/**
 * @param {{
 *   controller: Controller, title: string, done: string, message: Message, isBad?: boolean, isReady?: boolean,
 *   act: () => unknown, children?: any,
 * }} props
 */
function Asking({ controller, title, done, message, isBad = false, isReady = true, act, children }) {
  const failure = useSignal("");
  const busy = useSignal(false);
  const onSubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await act();
      controller.close();
    } catch (problem) {
      failure.value = problem.message;
      busy.value = false;
    }
  };
  const sender = senderName(controller.model.person(message.sender_id).value);
  return h(
    Dialog,
    { label: title, class: "about-message", onClose: () => controller.close() },
    h(
      "form",
      { onSubmit },
      h("h2", {}, title),
      h("blockquote", { dir: "auto" }, h("strong", {}, sender), " ", inOneLine(message)),
      children,
      h("p", { class: "failure", role: "alert" }, failure.value),
      h(
        "p",
        { class: "buttons" },
        h("button", { type: "button", onClick: () => controller.close() }, t("timeline.cancel")),
        h("button", { type: "submit", class: isBad ? "primary bad" : "primary", disabled: busy.value || !isReady }, done),
      ),
    ),
  );
}

/** @param {{ controller: Controller, message: Message }} props */
export function DeleteDialog({ controller, message }) {
  const act = () => controller.model.remove(message);
  return h(Asking, { controller, message, title: t("timeline.deleteTitle"), done: t("timeline.delete"), isBad: true, act }, h("p", {}, t("timeline.deleteNote")));
}

/** @param {{ controller: Controller, message: Message }} props */
export function ForwardDialog({ controller, message }) {
  const { model } = controller;
  const typed = useSignal("");
  const chosen = useSignal(/** @type {ReadonlySet<number>} */ (new Set()));
  const nameOf = (/** @type {Record<string, any>} */ chat) => chat.name || otherIn(chat, controller);
  const found = [...model.chats.value.values()]
    .filter((chat) => !chat.archived_at && (chosen.value.has(chat.id) || nameOf(chat).toLowerCase().includes(typed.value.trim().toLowerCase())))
    .slice(0, MOST_CHATS);
  const choose = (/** @type {number} */ id, /** @type {boolean} */ on) => {
    const next = new Set(chosen.value);
    if (on) next.add(id);
    else next.delete(id);
    chosen.value = next;
  };
  return h(
    Asking,
    { controller, message, title: t("timeline.forwardTitle"), done: t("timeline.forward"), isReady: chosen.value.size > 0, act: () => model.forward(message, [...chosen.value]) },
    h("input", { type: "search", "aria-label": t("timeline.findChat"), placeholder: t("timeline.findChat"), autofocus: true, onInput: (/** @type {any} */ { target }) => (typed.value = target.value) }),
    h(
      "fieldset",
      {},
      h("legend", { class: "unseen" }, t("timeline.forwardTitle")),
      found.map((chat) =>
        h(
          "label",
          { key: chat.id },
          h("input", { type: "checkbox", checked: chosen.value.has(chat.id), onChange: (/** @type {any} */ { target }) => choose(chat.id, target.checked) }),
          h("span", { dir: "auto" }, nameOf(chat)),
        ),
      ),
    ),
  );
}

/** Who is on the other side of a chat without a name. @param {Record<string, any>} chat  @param {Controller} controller */
function otherIn(chat, { model }) {
  const others = (chat.members ?? model.members(chat.id).value ?? []).filter((/** @type {any} */ { user_id }) => user_id !== model.me.value.id);
  return others.map((/** @type {any} */ { fullname, username }) => fullname || username).join(", ") || t("timeline.chat", { id: String(chat.id) });
}

/** @param {{ controller: Controller, message: Message }} props */
export function ReportDialog({ controller, message }) {
  const reason = useSignal("spam");
  const comment = useSignal("");
  const act = () => call("POST", `/chats/${message.chat_id}/messages/${message.id}/report`, { reason: reason.value, comment: comment.value });
  return h(
    Asking,
    { controller, message, title: t("timeline.reportTitle"), done: t("timeline.report"), act },
    h("p", {}, t("timeline.reportNote")),
    h(
      "label",
      {},
      t("timeline.reason"),
      h("select", { onChange: (/** @type {any} */ { target }) => (reason.value = target.value) }, Object.entries(REASONS).map(([name, word]) => h("option", { key: name, value: name }, t(word)))),
    ),
    h("label", {}, t("timeline.comment"), h("textarea", { rows: 3, maxLength: 1000, onInput: (/** @type {any} */ { target }) => (comment.value = target.value) })),
  );
}
