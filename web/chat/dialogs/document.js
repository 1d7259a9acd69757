/** A new board or page. */

import { call } from "../../lib/session.js";
import { h } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { openPane, place } from "../shell/router.js";
import { workspaceOf } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { Dialog, Field, Form } from "./dialogs.js";

/** @param {{ kind: "board" | "page" }} properties */
export function NewDocument({ kind }) {
  const workspace = workspaceOf(useModel());
  const board = kind === "board";
  const act = async (/** @type {Record<string, string>} */ { name }) => {
    const { id } = await call("POST", `/workspaces/${workspace?.id}/${kind}s`, { name: name.trim() });
    if (place.value.chatId === null) location.assign(`/${kind}/${id}`);
    else openPane(kind, id);
  };
  return h(Dialog, { title: t(board ? "sidebar.newBoard" : "sidebar.newPage") }, h(Form, { act, submit: t("new.create") }, h(Field, { label: t("new.name"), name: "name", required: true, maxLength: 100, autofocus: true })));
}
