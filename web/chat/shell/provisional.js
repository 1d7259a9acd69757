/** The messages of a chat and a field to write one, in their plainest form, until timeline/ and composer/ take their place. */

import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { timeOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { nameOf } from "./chats.js";

/** @param {{ model: import("./context.js").Model, chatId: number, target?: number }} properties */
export function TimelineView({ model, chatId }) {
  const end = useRef(/** @type {HTMLDivElement | null} */ (null));
  const rows = model.timeline(chatId).rows.value;
  const last = rows.at(-1)?.seq;
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
    if (last && document.hasFocus()) model.seen(chatId, last);
  }, [last]);
  return h(
    "div",
    { class: "plain-timeline", role: "log" },
    rows.map((/** @type {any} */ row) => {
      const { fullname } = model.person(row.sender_id).value;
      return h("div", { key: row.id ?? row.key }, h("strong", { dir: "auto" }, fullname), " ", h("time", {}, timeOf(row.created_at)), h("p", { dir: "auto" }, row.content));
    }),
    h("div", { key: "end", ref: end, "aria-hidden": "true" }),
  );
}

/** @param {{ model: import("./context.js").Model, chatId: number }} properties */
export function Composer({ model, chatId }) {
  const text = useSignal("");
  const chat = model.chat(chatId).value;
  const label = t("chat.write", { name: chat ? nameOf(chat, model) : "" });
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229 || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (!text.value.trim()) return;
    model.send(chatId, { content: text.value });
    text.value = "";
  };
  return h("textarea", { rows: 1, class: "plain-composer", "aria-label": label, placeholder: label, value: text.value, onInput: (/** @type {any} */ { target }) => (text.value = target.value), onKeyDown });
}
