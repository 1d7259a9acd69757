/** A dialog of a bot: a form that it has opened to the reader. */

import { call } from "../../lib/session.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { closeDialog, Dialog, useAttempt } from "../dialogs/frame.js";
import { MessageText } from "../text/message_text.js";
import { placesOf } from "../timeline/places.js";
import { t } from "../words/words.js";
import { askForMore, dialog, showDialogOf } from "./asking.js";
import { Input } from "./input.js";
import { peopleFor, Pressables, textOf } from "./pressable.js";

/** @typedef {import("./asking.js").BotDialog} BotDialog */

/** @type {ReadonlySet<string>} */
const NOBODY = new Set();

/** @param {{ model: import("../model/model.js").Model }} properties */
export function DialogOfBot({ model }) {
  const now = dialog.value;
  // It is closed by the reader unless its bot has closed it before.
  useEffect(
    () => () => {
      const left = dialog.peek();
      dialog.value = null;
      if (left) call("DELETE", `/dialogs/${left.id}?all_of_them=true`).catch(() => {});
    },
    [],
  );
  useEffect(() => {
    if (!now) closeDialog();
  }, [now]);
  if (!now) return null;
  return h(Dialog, { key: "frame", title: textOf(now.view.title), class: "of-bot" }, h(Filling, { key: `${now.id}.${now.version}`, now, model }));
}

/** @param {{ now: BotDialog, model: import("../model/model.js").Model }} properties */
function Filling({ now: { id, chat_id: chatId, view }, model }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const errors = useSignal(/** @type {Record<string, string>} */ ({}));
  const { busy, failure, attempt } = useAttempt();
  const blocks = /** @type {Record<string, any>[]} */ (view.blocks);
  const { places } = placesOf(model, { chat_id: chatId, mentions: [], mentions_everyone: false });
  const people = peopleFor(model, chatId, blocks);
  const entered = () => {
    const fields = new FormData(/** @type {HTMLFormElement} */ (form.current));
    return blocks.filter(({ type }) => type === "input").map(({ block_id }) => ({ block_id, values: fields.getAll(block_id).map(String).filter(Boolean) }));
  };
  const onSubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    attempt(async () => {
      errors.value = {};
      const answer = await call("POST", `/dialogs/${id}/submission`, { entered: entered() });
      errors.value = answer.errors;
      showDialogOf(model, answer);
      void askForMore(model);
      const [wrong] = Object.keys(answer.errors);
      if (wrong) /** @type {HTMLElement | null} */ (form.current?.elements.namedItem(wrong))?.focus?.();
    });
  };
  const press = async (/** @type {import("./asking.js").Pressed} */ pressed) => {
    showDialogOf(model, await call("POST", `/dialogs/${id}/actions`, { ...pressed, entered: entered() }));
    void askForMore(model);
  };
  const back = () => attempt(async () => showDialogOf(model, await call("DELETE", `/dialogs/${id}`)));
  return h(
    "form",
    { ref: form, onSubmit, class: "fields" },
    blocks.map((block) => h(Block, { key: block.block_id, block, press, people, places, error: errors.value[block.block_id] })),
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: back, disabled: busy }, textOf(view.close) || t("dialogs.cancel")),
      view.submit && h("button", { class: "primary", disabled: busy }, textOf(view.submit)),
    ),
  );
}

/** @param {{ block: Record<string, any>, press: import("./pressable.js").Press, people: import("./pressable.js").Person[], places: import("../text/message_text.js").Places, error?: string }} properties */
function Block({ block, press, people, places, error }) {
  if (block.type === "input") return h(Input, { block, people, error, say: (text) => h(Said, { text, places }) });
  if (block.type === "divider") return h("hr", {});
  if (block.type === "header") return h("h3", {}, textOf(block.text));
  const texts = /** @type {any[]} */ (block.type === "context" ? (block.elements ?? []) : [block.text, ...(block.fields ?? [])]);
  return h(
    "div",
    { class: block.type === "context" ? "faint" : undefined },
    texts.filter(textOf).map((text, at) => h(Said, { key: at, text, places })),
    h(Pressables, { blocks: [block], press, people }),
  );
}

/** A text of Slack's: what is `plain_text` is only ever text. @param {{ text: { type?: string, text: string }, places: import("../text/message_text.js").Places }} properties */
const Said = ({ text: { type, text }, places }) =>
  type === "markdown" ? h(MessageText, { text, mentioned: NOBODY, places }) : h("span", { class: "message-text", dir: "auto" }, text);
