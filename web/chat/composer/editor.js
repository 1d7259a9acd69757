/** Own messages, edited in their place: the field of the composer with the same completions and keys. */

import { h, useEffect, useMemo, useSignal } from "../../vendor/preact.js";
import { useAttempt } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { useCompletion } from "./completing.js";
import { CompletionList } from "./completion_list.js";
import { putEmoji, withEmoji } from "./emoji/shortcodes.js";
import { Field, WritingField } from "./field.js";
import { Remaining, tooLong } from "./length.js";
import { sends } from "./settings.js";

/**
 * @param {{
 *   model: import("../model/model.js").Model, message: Record<string, any>, save: (text: string) => Promise<void>, done: () => void,
 * }} properties `save` gets a text that is another one, perhaps none; `done` is called when it is saved, or is to stay as it was
 */
export function MessageEditor({ model, message, save, done }) {
  const field = useMemo(() => new Field(), []);
  const text = useSignal(message.content);
  const completion = useCompletion(model, message.chat_id, field, false);
  const { busy, failure, attempt } = useAttempt();
  useEffect(() => {
    field.focus();
    field.element?.setSelectionRange(message.content.length, message.content.length);
  }, []);
  const custom = () => model.emoji.peek().get(model.chat(message.chat_id).peek()?.workspace_id);
  const submit = () => {
    field.settle();
    const content = field.text.replace(/\s+$/, "");
    if (tooLong(content)) return;
    if (content === message.content) return done();
    attempt(async () => {
      await save(await withEmoji(content, custom()));
      done();
    });
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (completion.key(event)) return true;
    if (sends(event)) submit();
    else if (event.key === "Escape") {
      done();
    } else return false;
    return true;
  };
  const written = (/** @type {string} */ now, /** @type {number} */ cursor, /** @type {boolean} */ byHand) => {
    if (byHand && now[cursor - 1] === ":") putEmoji(field, now, cursor, custom());
    text.value = now;
    completion.look(now, cursor);
  };
  const now = completion.shown;
  return h(
    "div",
    // Keys of the timeline around it mean nothing here.
    { class: "composer editing", onKeyDown: (/** @type {KeyboardEvent} */ event) => event.stopPropagation() },
    now && h(CompletionList, { id: completion.id, label: t("composer.completions"), items: now.items, active: now.active, choose: (at) => completion.choose(at) }),
    h("div", { class: "writing-row" }, h(WritingField, { field, label: t("editor.label"), initial: message.content, list: completion.list, onKey, onText: written, onBlur: completion.close })),
    h(Remaining, { text: text.value }),
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "div",
      { class: "acts" },
      h("small", {}, t("editor.hint")),
      h("button", { type: "button", onClick: done }, t("editor.cancel")),
      h("button", { type: "button", class: "primary", disabled: busy, onClick: submit }, t("editor.save")),
    ),
  );
}
