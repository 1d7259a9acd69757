/** Workspaces that invite the reader. */

import { call } from "../../lib/session.js";
import { h } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { chooseWorkspace } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { closeDialog, Dialog, useAttempt } from "./dialogs.js";

export const Invitations = () => h(Dialog, { title: t("invitations.title") }, useModel().invitations.value.length === 0 && h("p", { class: "none" }, t("invitations.none")), h(InvitationList, {}));

export function InvitationList() {
  const { invitations } = useModel();
  const { busy, failure, attempt } = useAttempt();
  const accept = (/** @type {number} */ id) =>
    attempt(async () => {
      await call("POST", `/invitations/${id}/accept`);
      chooseWorkspace(id);
      closeDialog();
    });
  return [
    h(
      "ul",
      { key: "list", class: "owned-list" },
      invitations.value.map(({ workspace_id: id, workspace_name: name, inviter_name: inviter }) =>
        h(
          "li",
          { key: id },
          h("span", { class: "text", dir: "auto" }, t("invitations.told", { name, inviter })),
          h("button", { type: "button", class: "primary", disabled: busy, onClick: () => accept(id) }, t("invitations.accept")),
          h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => attempt(() => call("POST", `/invitations/${id}/decline`)) }, t("invitations.decline")),
        ),
      ),
    ),
    h("p", { key: "failure", class: "failure", role: "alert" }, failure),
  ];
}
