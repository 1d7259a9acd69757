/** Own messages, edited in their place: the field of the composer with the same completions and keys. */

import { h, useEffect, useMemo, useSignal } from "../../vendor/preact.js";
import { useAttempt } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { useCompletion } from "./completing.js";
import { CompletionList } from "./completion_list.js";
import { Field, WritingField } from "./field.js";
import { Remaining, tooLong } from "./length.js";
import { sends } from "./settings.js";

/** @param {{ model: import("../model/model.js").Model, message: Record<string, any>, done: () => void }} properties */
export function MessageEditor({ model, message, done }) {
  const field = useMemo(() => new Field(), []);
  const text = useSignal(message.content);
  const completion = useCompletion(model, message.chat_id, field, false);
  const { busy, failure, attempt } = useAttempt();
  useEffect(() => {
    field.focus();
    field.element?.setSelectionRange(message.content.length, message.content.length);
  }, []);
  const save = () => {
    field.settle();
    const content = field.text.replace(/\s+$/, "");
    if (tooLong(content) || (!content && !message.files?.length)) return;
    if (content === message.content) return done();
    attempt(async () => {
      await model.edit(message, content);
      done();
    });
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (completion.key(event)) return true;
    if (sends(event)) save();
    else if (event.key === "Escape") {
      event.stopPropagation();
      done();
    } else return false;
    return true;
  };
  const written = (/** @type {string} */ now, /** @type {number} */ cursor) => {
    text.value = now;
    completion.look(now, cursor);
  };
  const now = completion.shown;
  return h(
    "div",
    { class: "composer editing" },
    now && h(CompletionList, { id: completion.id, label: t("composer.completions"), items: now.items, active: now.active, choose: (at) => completion.choose(at) }),
    h("div", { class: "writing-row" }, h(WritingField, { field, label: t("editor.label"), initial: message.content, list: completion.list, onKey, onText: written, onBlur: completion.close })),
    h(Remaining, { text: text.value }),
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "div",
      { class: "acts" },
      h("small", {}, t("editor.hint")),
      h("button", { type: "button", onClick: done }, t("editor.cancel")),
      h("button", { type: "button", class: "primary", disabled: busy, onClick: save }, t("editor.save")),
    ),
  );
}
