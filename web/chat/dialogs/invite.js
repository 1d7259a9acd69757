/** Invites people into the workspace: by address or user name, or by a link into one of its channels. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { isAtLeast, nameOf, sorted } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { workspaceOf } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { Dialog, Field, Form, useAttempt } from "./dialogs.js";
import { InviteLink, makeLink } from "./invite_link.js";

export function Invite() {
  const model = useModel();
  const workspace = workspaceOf(model);
  if (!workspace) return h(Dialog, { title: t("invite.title") }, h("p", {}, t("new.noWorkspace")));
  const isAdmin = isAtLeast(workspace, "admin");
  const { direct, channels } = sorted(model.chats.value.values(), workspace.id);
  const open = [...channels, ...direct].filter((chat) => chat.type === "Group" || (chat.type !== "Single" && isAtLeast(chat, "admin")));
  return h(
    Dialog,
    { title: t("invite.title") },
    isAdmin && h(ByName, { workspaceId: workspace.id }),
    open.length > 0 && h(ByLink, { chats: open.map((chat) => ({ id: chat.id, name: nameOf(chat, model) })) }),
    !isAdmin && open.length === 0 && h("p", {}, t("invite.ask")),
  );
}

/** @param {{ workspaceId: number }} properties */
function ByName({ workspaceId }) {
  const told = useSignal("");
  const act = async (/** @type {Record<string, string>} */ { who, role }) => {
    const name = who.trim();
    const named = name.includes("@", 1) ? { email: name } : { username: name.replace(/^@/, "") };
    await call("POST", `/workspaces/${workspaceId}/invitations`, { ...named, role });
    told.value = t("invite.sent", { name });
  };
  return h(
    Form,
    { act, submit: t("invite.send"), stays: true },
    h(Field, { label: t("invite.who"), name: "who", required: true, autofocus: true, hint: t("invite.whoHint"), spellcheck: false, autocapitalize: "none" }),
    h("label", { class: "field" }, h("span", {}, t("invite.role")), h("select", { name: "role" }, h("option", { value: "member" }, t("people.member")), h("option", { value: "admin" }, t("people.admin")))),
    h("p", { role: "status" }, told.value),
  );
}

/** @param {{ chats: { id: number, name: string }[] }} properties */
function ByLink({ chats }) {
  const chosen = useSignal(chats[0].id);
  const link = useSignal("");
  const { busy, failure, attempt } = useAttempt();
  const choose = (/** @type {any} */ { target }) => {
    chosen.value = Number(target.value);
    link.value = "";
  };
  return h(
    "div",
    { class: "fields" },
    h("h3", {}, t("invite.byLink")),
    h("label", { class: "field" }, h("span", {}, t("invite.into")), h("select", { value: chosen.value, onChange: choose }, chats.map(({ id, name }) => h("option", { key: id, value: id }, name)))),
    link.value ? h(InviteLink, { link: link.value }) : h("div", {}, h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => attempt(async () => (link.value = await makeLink(chosen.value))) }, t("links.make"))),
    h("p", { class: "failure", role: "alert" }, failure),
  );
}
