/** The organisation's workspaces: putting one's own into it, and taking them out. */

import { Dialog, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Table, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Select } from "./people.js";

/** @param {{ organization: { id: number, name: string } }} properties */
export function Workspaces({ organization }) {
  const admin = useAdmin();
  const { api, changed } = admin;
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.organizations.workspaces(organization.id), [changed.value]);
  const owned = new Set(admin.workspaces.value.filter(({ role }) => role === "owner").map(({ id }) => id));
  // In what other organisations they are, the server says when it is tried.
  const outside = admin.workspaces.value.filter(({ id }) => owned.has(id) && !rows.some(({ workspace_id }) => workspace_id === id));
  const done = async () => {
    await reload();
    await admin.load();
  };
  const take = (/** @type {{ workspace_id: number, name: string }} */ { workspace_id, name }) =>
    confirm({
      title: t("workspaces.take", { name }), text: t("workspaces.takeText"), submit: t("workspaces.takeShort"),
      act: async () => {
        await api.organizations.takeWorkspace(organization.id, workspace_id);
        await done();
      },
    });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", disabled: isLoading || outside.length === 0, onClick: () => showDialog("put-workspace", PutWorkspace, { organization, outside, done }) }, h(Icon, { name: "plus" }), t("workspaces.put"))),
    !isLoading && outside.length === 0 && h("p", { class: "hint" }, t("workspaces.noneOutside")),
    h(Table, {
      label: t("workspaces.title"), columns: [t("shell.workspace"), t("groups.members"), ""], none: t("organizationStorage.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((one) => ({
        key: one.workspace_id,
        cells: [
          h("span", { dir: "auto" }, one.name),
          h("span", { class: "number" }, one.member_count),
          owned.has(one.workspace_id) ? h("button", { type: "button", class: "outlined", "aria-label": t("workspaces.takeIt", { name: one.name }), onClick: () => take(one) }, t("workspaces.takeShort")) : h("small", {}, t("workspaces.ofOthers")),
        ],
      })),
    }),
  );
}

/** @param {{ organization: { id: number, name: string }, outside: { id: number, name: string }[], done: () => Promise<void> }} properties */
function PutWorkspace({ organization, outside, done }) {
  const { api } = useAdmin();
  const chosen = useSignal(String(outside[0].id));
  const act = () =>
    tried(async () => {
      await api.organizations.putWorkspace(organization.id, Number(chosen.value));
      await done();
    });
  return h(
    Dialog,
    { title: t("workspaces.put") },
    h(Form, { act, submit: t("workspaces.putSubmit") }, h("p", { class: "lead" }, t("workspaces.putText", { name: organization.name })), h(Select, { label: t("shell.workspace"), value: chosen.value, onChange: (value) => (chosen.value = value), options: outside.map(({ id, name }) => /** @type {[string, string]} */ ([String(id), name])) })),
  );
}
