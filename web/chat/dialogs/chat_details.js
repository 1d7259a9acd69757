/** A chat's name, topic and password, and its end. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { isAtLeast, nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { go } from "../shell/router.js";
import { t } from "../words/words.js";
import { closeDialog, Dialog, Field, Form, openDialog, useAttempt } from "./dialogs.js";

/** @param {{ chatId: number }} properties */
export function ChatDetails({ chatId }) {
  const model = useModel();
  const chat = model.chat(chatId).value;
  if (!chat) return null;
  const isAdmin = isAtLeast(chat, "admin") && chat.type !== "Single";
  const rename = (/** @type {Record<string, string>} */ { name, description }) => call("PUT", `/chats/${chatId}`, { name: name.trim(), description: description.trim() });
  return h(
    Dialog,
    { title: nameOf(chat, model) },
    isAdmin
      ? h(
          Form,
          { act: rename, submit: t("dialogs.save") },
          h(Field, { label: t("new.name"), name: "name", defaultValue: chat.name, required: chat.type !== "Group", maxLength: 100 }),
          h(Field, { label: t("new.topic"), name: "description", defaultValue: chat.description, maxLength: 1000, hint: t("new.topicHint") }),
        )
      : h("p", { class: "lead", dir: "auto" }, chat.description || t("details.noTopic")),
    isAdmin && chat.type === "PrivateChannel" && h(Password, { chat }),
    isAdmin && h(Ends, { chat }),
    !isAdmin && h("div", { class: "acts" }, h("button", { type: "button", class: "outlined", onClick: () => openDialog("leave", { chatId }) }, t("chat.leave"))),
  );
}

/** @param {{ chat: import("../shell/chats.js").Chat }} properties */
function Password({ chat }) {
  const told = useSignal("");
  const { failure, attempt } = useAttempt();
  const path = `/chats/${chat.id}/password`;
  const set = async (/** @type {Record<string, string>} */ { password }) => {
    await call("PUT", path, { password });
    told.value = t("details.passwordSet");
  };
  const drop = () =>
    attempt(async () => {
      await call("DELETE", path);
      told.value = t("details.passwordGone");
    });
  return h(
    "section",
    { class: "fields", "aria-label": t("new.password") },
    h(
      Form,
      { act: set, submit: t(chat.has_password ? "details.changePassword" : "details.setPassword"), stays: true },
      h(Field, { label: t("new.password"), name: "password", type: "password", required: true, autocomplete: "new-password", hint: t("new.passwordHint") }),
    ),
    chat.has_password && h("button", { type: "button", class: "outlined", onClick: drop }, t("details.dropPassword")),
    h("p", { role: "status" }, told.value),
    h("p", { class: "failure", role: "alert" }, failure),
  );
}

/** @param {{ chat: import("../shell/chats.js").Chat }} properties */
function Ends({ chat }) {
  const { busy, failure, attempt } = useAttempt();
  const sure = useSignal(false);
  const end = (/** @type {() => Promise<unknown>} */ act) =>
    attempt(async () => {
      await act();
      closeDialog();
      go({});
    });
  return h(
    "section",
    { class: "fields", "aria-label": t("details.end") },
    h("h3", {}, t("details.end")),
    h("p", { class: "lead" }, t("details.endHint")),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => end(() => call("POST", `/chats/${chat.id}/archive`)) }, t("details.archive")),
      chat.role === "owner" && !sure.value && h("button", { type: "button", class: "outlined bad", onClick: () => (sure.value = true) }, t("details.delete")),
      chat.role === "owner" && sure.value && h("button", { type: "button", class: "primary danger", disabled: busy, onClick: () => end(() => call("DELETE", `/chats/${chat.id}`)) }, t("details.reallyDelete")),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
  );
}
