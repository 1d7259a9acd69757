/** Adds people of the workspace to a chat. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { t } from "../words/words.js";
import { Dialog, Form, openDialog } from "./dialogs.js";
import { PeoplePicker } from "./people_picker.js";

/** @param {{ chatId: number }} properties */
export function AddPeople({ chatId }) {
  const model = useModel();
  const chat = model.chat(chatId).value;
  const members = model.members(chatId).value;
  const chosen = useSignal(/** @type {import("./people_picker.js").Colleague[]} */ ([]));
  if (!chat) return null;
  const act = async () => {
    for (const { user_id } of chosen.value) await call("POST", `/chats/${chatId}/members`, { user_id });
  };
  return h(
    Dialog,
    { title: t("add.title") },
    h(
      Form,
      { act, submit: t("add.submit"), disabled: chosen.value.length === 0 },
      h(PeoplePicker, { workspaceId: chat.workspace_id, without: new Set((members ?? []).map((/** @type {any} */ { user_id: id }) => id)), chosen: chosen.value, onChange: (next) => (chosen.value = next), label: t("new.who") }),
      h("button", { type: "button", class: "quiet", onClick: () => openDialog("link", { chatId }) }, t("chat.link")),
    ),
  );
}
