/** The first run, on one screen: what the workspace is called, its first chat, and a link for the others. */

import { call } from "../../lib/session.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { useAttempt } from "../dialogs/dialogs.js";
import { InvitationList } from "../dialogs/invitations.js";
import { InviteLink, makeLink } from "../dialogs/invite_link.js";
import { t } from "../words/words.js";
import { useModel } from "./context.js";
import { go, place } from "./router.js";
import { workspaceId, workspaceOf } from "./workspaces.js";

const welcomed = "fechatter.welcomed";

/** The owner of a workspace, who is in none of its chats: members of it find what there is to join. @param {import("./context.js").Model} model */
export function wantsWelcome(model) {
  if (place.value.chatId !== null || workspaceId.value === null) return false;
  if (workspaceOf(model)?.role !== "owner") return false;
  return ![...model.chats.value.values()].some((chat) => chat.workspace_id === workspaceId.value) || sessionStorage.getItem(welcomed) === "open";
}

export function Welcome() {
  const model = useModel();
  const workspace = workspaceOf(model);
  const made = useSignal(/** @type {{ id: number, link: string } | null} */ (null));
  const title = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => title.current?.focus(), [made.value]);
  useEffect(() => () => sessionStorage.removeItem(welcomed), []);
  if (!workspace) return null;
  return h(
    "div",
    { class: "welcome" },
    h("h1", { ref: title, tabIndex: -1 }, made.value ? t("welcome.ready") : t("welcome.title", { name: model.me.value.fullname })),
    h("p", { class: "lead" }, made.value ? t("welcome.share") : t("welcome.lead")),
    !made.value && model.invitations.value.length > 0 && h("section", { class: "invited", "aria-labelledby": "invited" }, h("h2", { id: "invited" }, t("welcome.invited")), h(InvitationList, {})),
    !made.value && model.invitations.value.length > 0 && h("h2", {}, t("welcome.or")),
    made.value ? h(Ready, { ...made.value }) : h(FirstChat, { workspace, onMade: (one) => (made.value = one) }),
  );
}

/** @param {{ workspace: any, onMade: (made: { id: number, link: string }) => void }} properties */
function FirstChat({ workspace, onMade }) {
  const name = useSignal(workspace.name);
  const chat = useSignal(t("welcome.chatName"));
  const { busy, failure, attempt } = useAttempt();
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    attempt(async () => {
      sessionStorage.setItem(welcomed, "open"); // the new chat must not end the welcome before its link is seen
      if (name.value.trim() !== workspace.name) await call("PUT", `/workspaces/${workspace.id}`, { name: name.value.trim() });
      const { id } = await call("POST", "/chats", { type: "PublicChannel", name: chat.value.trim(), members: [], workspace_id: workspace.id });
      onMade({ id, link: await makeLink(id) });
    });
  };
  return h(
    "form",
    { onSubmit: submit, class: "fields steps" },
    h("label", { class: "field" }, h("span", {}, t("welcome.workspace")), h("input", { value: name.value, required: true, maxLength: 100, dir: "auto", onInput: (/** @type {any} */ { target }) => (name.value = target.value) }), h("small", {}, t("welcome.workspaceHint"))),
    h("label", { class: "field" }, h("span", {}, t("welcome.chat")), h("input", { value: chat.value, required: true, maxLength: 100, dir: "auto", onInput: (/** @type {any} */ { target }) => (chat.value = target.value) }), h("small", {}, t("welcome.chatHint"))),
    h("p", { class: "failure", role: "alert" }, failure),
    h("div", { class: "acts" }, h("button", { class: "primary", disabled: busy }, t("welcome.go"))),
  );
}

/** @param {{ id: number, link: string }} properties */
const Ready = ({ id, link }) =>
  h("div", { class: "fields steps" }, h(InviteLink, { link }), h("div", { class: "acts" }, h("button", { type: "button", class: "primary", onClick: () => go({ chatId: id }) }, t("welcome.open"))));
