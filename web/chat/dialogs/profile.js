/** Who somebody is. */

import { call } from "../../lib/session.js";
import { h } from "../../vendor/preact.js";
import { openDirect } from "../panes/member_actions.js";
import { useModel } from "../shell/context.js";
import { Avatar, CustomStatus, Presence, presenceWords } from "../shell/person.js";
import { workspaceId } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { OrganizationCard } from "./directory.js";
import { closeDialog, Dialog, Field, Form, openDialog, useAttempt } from "./dialogs.js";

/** @param {{ userId: number }} properties */
export function Profile({ userId }) {
  const model = useModel();
  const { failure, attempt } = useAttempt();
  const isMe = userId === model.me.value.id;
  const person = isMe ? { ...model.person(userId).value, ...model.me.value } : model.person(userId).value;
  const message = () =>
    attempt(async () => {
      await openDirect(userId, /** @type {number} */ (workspaceId.value));
      closeDialog();
    });
  return h(
    Dialog,
    { title: t("profile.title") },
    h(
      "div",
      { class: "profile" },
      h(Avatar, { id: userId, fullname: person.fullname, avatar: person.avatar, size: "large" }),
      h("h3", { dir: "auto" }, person.fullname),
      h("p", { class: "faint" }, `@${person.username}`),
      h("p", {}, h(Presence, { userId, quiet: true }), " ", presenceWords(person.presence)),
      person.custom_status && h("p", {}, h(CustomStatus, { status: person.custom_status })),
      h(OrganizationCard, { userId, username: person.username }),
      h("p", { class: "failure", role: "alert" }, failure),
      !isMe && h("div", { class: "acts" }, h("button", { type: "button", class: "primary", onClick: message }, t("profile.message"))),
      isMe && h("div", { class: "acts" }, h("button", { type: "button", class: "outlined", onClick: () => openDialog("status") }, t("me.status"))),
    ),
    isMe &&
      h(
        Form,
        { act: ({ fullname, username }) => call("PATCH", "/users/me", { fullname: fullname.trim(), username: username.trim() }), submit: t("dialogs.save") },
        h(Field, { label: t("profile.fullname"), name: "fullname", required: true, defaultValue: person.fullname, maxLength: 100 }),
        h(Field, { label: t("profile.username"), name: "username", required: true, defaultValue: person.username, maxLength: 32, hint: t("profile.usernameHint") }),
      ),
  );
}
