/**
 * The draft of a chat on all devices. What somebody is writing here is never replaced by what they wrote elsewhere: that is
 * shown above the field, for them to take or to leave.
 */

import { h, useMemo, useSignalEffect } from "../../vendor/preact.js";
import { t } from "../words/words.js";

/** @typedef {ReturnType<typeof useDraft>} Draft */

/**
 * @param {import("../model/model.js").Model} model
 * @param {number} chatId
 * @param {number | undefined} threadId
 * @param {import("./field.js").Field} field
 */
export function useDraft(model, chatId, threadId, field) {
  const draft = useMemo(() => {
    const { text, remote, followed, set, leave, isSaved } = model.draft(chatId, threadId);
    return { text, remote, followed, set, leave, isSaved, onTaken: (/** @type {string} */ _text) => {} };
  }, []);
  const take = (/** @type {string} */ text) =>
    field.replace(text, () => {
      draft.set(text);
      draft.onTaken(text);
    });
  // What is being written in another tab is being written here as well.
  useSignalEffect(() => {
    const now = draft.followed.value;
    if (now && now.text !== field.text) field.replace(now.text, () => draft.onTaken(now.text));
  });
  useSignalEffect(() => {
    const other = draft.remote.value;
    if (!other || other.text === field.text) return;
    // Where nobody writes, and nothing is that the server has not had, there is nothing to lose.
    if (!field.isFocused && (!field.text || draft.isSaved())) take(other.text);
  });
  return Object.assign(draft, { take });
}

/** @param {{ draft: Draft, field: import("./field.js").Field }} properties */
export function RemoteDraft({ draft, field }) {
  const other = draft.remote.value;
  draft.text.value; // drawn anew when it is taken
  if (!other?.text || other.text === field.text) return null;
  return h(
    "div",
    { class: "remote-draft", role: "status" },
    h("span", {}, t("drafts.elsewhere")),
    h("q", { dir: "auto" }, other.text),
    h("button", { type: "button", class: "outlined", onClick: () => draft.take(other.text) }, t("drafts.take")),
    h("button", { type: "button", onClick: () => {
      draft.leave();
      field.focus();
    } }, t("drafts.keep")),
  );
}
