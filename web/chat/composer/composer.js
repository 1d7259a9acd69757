/** Where a message is written: the field, its completions, files, the draft on all devices. */

import { h, useMemo, useRef, useSignal, useSignalEffect } from "../../vendor/preact.js";
import { said as saidByBots } from "../bots/asking.js";
import { sayProblem } from "../dialogs/problems.js";
import { Later } from "../shell/later.js";
import { nameOf } from "../shell/chats.js";
import { Icon, IconButton } from "../shell/icons.js";
import { momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { AttachmentStrip } from "./attachment_strip.js";
import { attachmentsOf } from "./attachments.js";
import { useCompletion } from "./completing.js";
import { CompletionList } from "./completion_list.js";
import { useDrop } from "./dropping.js";
import { putEmoji } from "./emoji/shortcodes.js";
import { EmojiPicker } from "./emoji/picker.js";
import { Field, WritingField } from "./field.js";
import { Remaining, tooLong } from "./length.js";
import { RemoteDraft, useDraft } from "./remote_draft.js";
import { sender } from "./sending.js";
import { sends } from "./settings.js";
import { TypingLine } from "./typing_line.js";

/** @typedef {import("../model/model.js").Model} Model */

/** @param {{ model: Model, chatId: number, threadId?: number, onEditLast?: () => boolean }} properties */
export function Composer(properties) {
  const chat = properties.model.about(properties.chatId).value;
  if (chat?.silenced_until && Date.parse(chat.silenced_until) > Date.now()) {
    return h("p", { class: "closed" }, t("composer.silenced", { until: momentOf(chat.silenced_until) }));
  }
  // Another chat, another field: nothing of one is left in the other.
  return h(Writing, { ...properties, key: `${properties.chatId}/${properties.threadId ?? ""}` });
}

/** @param {{ model: Model, chatId: number, threadId?: number, onEditLast?: () => boolean }} properties */
function Writing({ model, chatId, threadId, onEditLast }) {
  const field = useMemo(() => new Field(), []);
  const root = useRef(/** @type {HTMLDivElement | null} */ (null));
  const picker = useRef(/** @type {HTMLInputElement | null} */ (null));
  const attachments = attachmentsOf(model, chatId, threadId);
  const draft = useDraft(model, chatId, threadId, field);
  const text = useSignal(draft.text.peek());
  const said = useSignal(/** @type {Said} */ (null));
  const waits = useSignal(false);
  const emoji = useSignal(/** @type {HTMLElement | null} */ (null));
  const completion = useCompletion(model, chatId, field, threadId === undefined);
  const chat = model.about(chatId).value;
  const label = threadId === undefined ? t("chat.write", { name: chat ? nameOf(chat, model) : "" }) : t("composer.reply");
  const dropping = useDrop(root, (files) => attachments.add(files));

  const shown = (/** @type {string} */ now) => {
    text.value = now;
    said.value = null;
    waits.value = false;
  };
  draft.onTaken = shown;
  const custom = () => model.emoji.peek().get(model.chat(chatId).peek()?.workspace_id);
  const written = (/** @type {string} */ now, /** @type {number} */ cursor, /** @type {boolean} */ byHand) => {
    if (byHand && now[cursor - 1] === ":") putEmoji(field, now, cursor, custom());
    if (now !== text.peek()) {
      shown(now);
      draft.set(now);
      if (now.trim() && !now.startsWith("/")) model.typed(chatId);
    }
    completion.look(now, cursor);
  };
  const clear = () => {
    field.replace("");
    shown("");
    draft.set("");
    completion.close();
  };
  const post = sender({ model, chatId, threadId, attachments, custom, clear, fail: (problem) => (said.value = { problem }) });
  const submit = () => {
    field.settle();
    completion.close();
    if (tooLong(field.text)) return;
    if (attachments.isUploading) waits.value = true;
    else if (!attachments.hasFailed) post(field.text);
  };
  // What was sent while files were on their way goes once they are there.
  useSignalEffect(() => {
    if (!waits.value || attachments.isUploading) return;
    waits.value = false;
    if (!attachments.hasFailed) post(field.text);
  });
  const onKey = (/** @type {KeyboardEvent & { currentTarget: HTMLTextAreaElement }} */ event) => {
    if (completion.key(event, ({ subject, item }) => subject === "command" && post.chosen(item.key))) return true;
    if (sends(event)) submit();
    else if (event.key === "Escape" && waits.peek()) waits.value = false;
    else if (event.key === "ArrowUp" && !field.text && !event.shiftKey && !event.ctrlKey) return onEditLast?.() ?? false;
    else return false;
    return true;
  };
  const choose = (/** @type {Iterable<File> | null} */ files) => {
    if (files) attachments.add(files);
    if (picker.current) picker.current.value = "";
    field.focus();
  };
  const now = completion.shown;
  const mayPost = text.value.trim() !== "" || attachments.items.value.length > 0;
  return h(
    "div",
    { ref: root, class: `composer ${dropping.value ? "dropping" : ""}` },
    threadId === undefined && saidByBots.value.length > 0 && h(Later, { load: async () => (await import("../bots/private_answers.js")).PrivateAnswers, properties: { model, chatId } }),
    h(RemoteDraft, { draft, field }),
    h(AttachmentStrip, { attachments }),
    now && h(CompletionList, { id: completion.id, label: t("composer.completions"), items: now.items, active: now.active, choose: (at) => completion.choose(at) }),
    h("span", { class: "unseen", role: "status" }, now ? t("composer.found", { n: now.items.length }) : ""),
    h(
      "div",
      { class: "writing-row" },
      h(IconButton, { name: "plus", label: t("composer.attach"), onClick: () => picker.current?.click() }),
      h("input", { ref: picker, type: "file", multiple: true, class: "unseen", tabIndex: -1, "aria-hidden": "true", "aria-label": t("composer.attach"), onChange: (/** @type {any} */ { currentTarget }) => choose([...currentTarget.files]) }),
      h(WritingField, {
        field, label, placeholder: label, initial: draft.text.peek(), list: completion.list, onKey, onText: written,
        onFiles: (files) => attachments.add(files), onBlur: completion.close,
      }),
      h(IconButton, { name: "smile", label: t("composer.emoji"), onClick: ({ currentTarget }) => (emoji.value = /** @type {HTMLElement} */ (currentTarget)) }),
      h("button", { type: "button", class: "icon send", "aria-label": t("composer.send"), title: t("composer.send"), "aria-disabled": !mayPost, onClick: submit }, h(Icon, { name: "send" })),
    ),
    h(Remaining, { text: text.value }),
    waits.value && h("p", { class: "note", role: "status" }, t("files.waits")),
    said.value && h(Failure, { said: said.value }),
    threadId === undefined && h(TypingLine, { model, chatId }),
    dropping.value && h("p", { class: "drop-here", "aria-hidden": "true" }, t("files.drop")),
    emoji.value && h(EmojiPicker, {
      model, workspaceId: chat?.workspace_id, anchor: emoji.value,
      choose: (chosen) => field.insert(chosen.startsWith(":") ? `${chosen} ` : chosen),
      close: () => {
        emoji.value = null;
        field.focus();
      },
    }),
  );
}

/** @typedef {{ problem: any, words?: string, act?: { label: string, run: () => void } } | null} Said what went wrong, and what can be done about it */

/** @param {{ said: NonNullable<Said> }} properties */
function Failure({ said: { problem } }) {
  const { words, act } = problem;
  return h(
    "p",
    { class: "failure", role: "alert" },
    words ?? sayProblem(problem),
    act && h("button", { type: "button", class: "outlined", onClick: act.run }, act.label),
  );
}
