/** A workspace: its name, who is in it and as what; and a new one. */

import { call, list } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { go } from "../shell/router.js";
import { chooseWorkspace, workspaceOf } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { Dialog, Field, Form, useAttempt } from "./dialogs.js";

export function Workspace() {
  const model = useModel();
  const workspace = workspaceOf(model);
  const members = useSignal(/** @type {any[] | null} */ (null));
  const { busy, failure, attempt } = useAttempt();
  const path = `/workspaces/${workspace?.id}`;
  const load = async () => {
    members.value = await list(`${path}/members?limit=500`);
  };
  useEffect(() => void attempt(load), []);
  if (!workspace) return null;
  const change = (/** @type {() => Promise<unknown>} */ act) =>
    attempt(async () => {
      await act().finally(load);
    });
  const roles = workspace.role === "owner" ? ["owner", "admin", "member"] : ["admin", "member"];
  const words = /** @type {Record<string, string>} */ ({ owner: t("people.owner"), admin: t("people.admin"), member: t("people.member") });
  return h(
    Dialog,
    { title: t("workspace.people") },
    h(Form, { act: ({ name }) => call("PUT", path, { name: name.trim() }), submit: t("dialogs.save"), stays: true }, h(Field, { label: t("new.name"), name: "name", required: true, maxLength: 100, defaultValue: workspace.name })),
    h(
      "label",
      { class: "check" },
      h("input", { type: "checkbox", role: "switch", checked: workspace.public_publishing, disabled: busy, onChange: (/** @type {any} */ { target }) => attempt(() => call("PUT", path, { public_publishing: target.checked })) }),
      h("span", {}, t("workspace.publishing"), h("small", {}, t("workspace.publishingHint"))),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "ul",
      { class: "owned-list", "aria-label": t("panes.people"), "aria-busy": members.value === null },
      (members.value ?? []).map(({ user_id: id, fullname, username, role }) => {
        const may = id !== model.me.value.id && roles.includes(role);
        const to = (/** @type {any} */ { target }) => change(() => call("PATCH", `${path}/members/${id}`, { role: target.value }));
        return h(
          "li",
          { key: id },
          h("span", { class: "text", dir: "auto" }, fullname, " ", h("small", {}, `@${username}`)),
          may ? h("select", { "aria-label": t("workspace.roleOf", { name: fullname }), value: role, disabled: busy, onChange: to }, roles.map((one) => h("option", { key: one, value: one }, words[one]))) : h("span", { class: "tag" }, words[role]),
          may && h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("workspace.remove", { name: fullname }), onClick: () => change(() => call("DELETE", `${path}/members/${id}`)) }, t("remove.submit")),
        );
      }),
    ),
  );
}

export function NewWorkspace() {
  const act = async (/** @type {Record<string, string>} */ { name }) => {
    const { id } = await call("POST", "/workspaces", { name: name.trim() });
    chooseWorkspace(id);
    go({});
  };
  return h(Dialog, { title: t("workspace.newTitle") }, h(Form, { act, submit: t("new.create") }, h("p", { class: "lead" }, t("workspace.newHint")), h(Field, { label: t("new.name"), name: "name", required: true, maxLength: 100, autofocus: true })));
}
