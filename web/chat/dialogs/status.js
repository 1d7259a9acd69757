/** What stands beside one's name, and until when. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { t } from "../words/words.js";
import { Dialog, Field, Form } from "./dialogs.js";

const MINUTE = 60_000;

export function Status() {
  const now = useModel().me.value.custom_status;
  const text = useSignal(now?.text ?? "");
  const emoji = useSignal(now?.emoji ?? "");
  const ready = /** @type {[string, string][]} */ ([["📅", t("status.meeting")], ["🎯", t("status.focus")], ["🤒", t("status.sick")], ["🌴", t("status.holiday")]]);
  const act = () => {
    const until = { hour: 60, four: 240, day: 24 * 60 }[/** @type {HTMLSelectElement} */ (document.querySelector("select[name=until]")).value];
    const end = until ? new Date(Date.now() + until * MINUTE).toISOString() : null;
    return call("PUT", "/users/me/status", { text: text.value.trim() || null, emoji: emoji.value.trim() || null, until: text.value.trim() || emoji.value.trim() ? end : null });
  };
  const choose = (/** @type {[string, string]} */ [sign, words]) => {
    emoji.value = sign;
    text.value = words;
  };
  return h(
    Dialog,
    { title: t("status.title") },
    h("div", { class: "chosen", role: "group", "aria-label": t("status.ready") }, ready.map((one) => h("button", { key: one[0], type: "button", onClick: () => choose(one) }, `${one[0]} ${one[1]}`))),
    h(
      Form,
      { act, submit: t("dialogs.save") },
      h("div", { class: "status-row" }, h(Field, { label: t("status.emoji"), name: "emoji", value: emoji.value, maxLength: 16, onInput: (/** @type {any} */ { target }) => (emoji.value = target.value) }),
      h(Field, { label: t("status.text"), name: "text", value: text.value, maxLength: 100, autofocus: true, onInput: (/** @type {any} */ { target }) => (text.value = target.value), hint: t("status.hint") })),
      h("label", { class: "field" }, h("span", {}, t("status.until")), h("select", { name: "until" }, h("option", { value: "" }, t("status.always")), h("option", { value: "hour" }, t("notify.hour")), h("option", { value: "four" }, t("status.four")), h("option", { value: "day" }, t("status.day")))),
    ),
  );
}
