/** Roles of an organisation's own: what they permit, to whom they are bound and where, and why somebody may do something. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, Table, useFetched } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Explain } from "./explain.js";
import { BindRole } from "./role_binding.js";
import { pathOf } from "./tree.js";

const KINDS = /** @type {const} */ (["organization", "workspace", "chat", "document"]);

/** What is said of all of them. @typedef {Awaited<ReturnType<typeof about>>} About */

/** @param {import("../shell/state.js").Admin["api"]} api  @param {number} id */
export async function about(api, id) {
  const [permissions, roles, bindings, departments, groups, members, workspaces] = await Promise.all([
    api.roles.permissions(),
    api.roles.list(id, { limit: 500 }).all(),
    api.roles.bindings(id, { limit: 500 }).all(),
    api.organizations.departments(id, { limit: 500 }).all(),
    api.organizations.groups(id, { limit: 500 }).all(),
    api.organizations.members(id, { limit: 500 }).all(),
    api.organizations.workspaces(id, { limit: 500 }).all(),
  ]);
  return { permissions, roles, bindings, departments, groups, members, workspaces };
}

/** @param {{ organization: { id: number } }} properties */
export function Roles({ organization }) {
  const { api, changed } = useAdmin();
  const { found, problem, reload } = useFetched(() => about(api, organization.id), [changed.value]);
  const { busy, failure, act } = useActing();
  if (!found) return h(Failure, { problem });
  const edit = (/** @type {any} */ role) => showDialog("role", RoleForm, { organization, role, permissions: found.permissions, done: reload });
  const remove = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("departments.remove", { name }), text: t("roles.removeText"), submit: t("directory.delete"),
      act: async () => {
        await api.roles.delete(organization.id, id);
        await reload();
      },
    });
  const unbind = (/** @type {number} */ id) =>
    act(async () => {
      await api.roles.unbind(organization.id, id);
      await reload();
    });
  const bind = () => showDialog("bind", BindRole, { organization, about: found, done: reload });
  return [
    h(Failure, { key: "problem", problem }),
    h(
      "section",
      { key: "roles", "aria-labelledby": "roles-roles" },
      h("div", { class: "bar" }, h("h2", { id: "roles-roles" }, t("roles.roles")), h("button", { type: "button", class: "primary", onClick: () => edit(null) }, h(Icon, { name: "plus" }), t("roles.add"))),
      h(Table, {
        label: t("roles.roles"), columns: [t("directory.name"), t("roles.permits"), ""], none: t("lists.loading"),
        rows: found.roles.map((role) => ({
          key: role.id,
          cells: [
            h("span", { dir: "auto" }, role.built_in ? builtIn(role.name) : role.name, role.description && !role.built_in && h("small", {}, role.description)),
            h("details", {}, h("summary", {}, t("roles.amount", { n: role.permissions.length })), h("p", { class: "names" }, role.permissions.map((name) => h("code", { key: name }, name)))),
            role.built_in ? h("span", { class: "tag" }, t("roles.builtIn")) : h(Menu, { label: t("directory.more", { name: role.name }), class: "icon", button: h(Icon, { name: "more" }), items: [{ label: t("rules.edit"), icon: "edit", act: () => edit(role) }, { label: t("directory.deleteIt"), icon: "trash", bad: true, begins: true, act: () => remove(role) }] }),
          ],
        })),
      }),
    ),
    h(
      "section",
      { key: "bindings", "aria-labelledby": "roles-bindings" },
      h("div", { class: "bar" }, h("h2", { id: "roles-bindings" }, t("roles.bindings")), h("button", { type: "button", class: "outlined", disabled: found.roles.every(({ built_in }) => built_in), onClick: bind }, h(Icon, { name: "plus" }), t("roles.bind"))),
      h("p", { class: "failure", role: "alert" }, failure),
      h(Table, {
        label: t("roles.bindings"), columns: [t("people.role"), t("roles.who"), t("roles.where"), t("roles.until"), ""], none: t("roles.unbound"),
        rows: found.bindings.map((binding) => ({
          key: binding.id,
          cells: [
            h("span", { dir: "auto" }, binding.role_name),
            h("span", { dir: "auto" }, subjectOf(binding, found)),
            h("span", { dir: "auto" }, scopeOf(binding, found)),
            binding.ends_at ? momentOf(binding.ends_at) : t("roles.forGood"),
            h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("roles.unbindIt", { role: binding.role_name, who: subjectOf(binding, found) }), onClick: () => unbind(binding.id) }, t("roles.unbind")),
          ],
        })),
      }),
    ),
    h(Explain, { key: "explain", organization, about: found }),
  ];
}

const BUILT_IN = /** @type {const} */ (["owner", "admin", "member", "guest", "editor", "viewer"]);

/** @param {string} name */
function builtIn(name) {
  const known = BUILT_IN.find((one) => one === name);
  return known ? t(`role.${known}`) : name;
}

/** @param {any} binding  @param {About} found */
export function subjectOf({ user_id, group_id, department_id, with_below }, { members, groups, departments }) {
  if (user_id) return members.find((one) => one.user_id === user_id)?.fullname ?? `#${user_id}`;
  if (group_id) return `@${groups.find(({ id }) => id === group_id)?.name ?? group_id}`;
  const name = pathOf(departments, department_id).join(" › ");
  return with_below ? t("roles.andBelow", { name }) : name;
}

/** @param {any} binding  @param {About} found */
export function scopeOf({ workspace_id, scope_department_id, chat_id, board_id, page_id }, { workspaces, departments }) {
  if (workspace_id) return workspaces.find((one) => one.workspace_id === workspace_id)?.name ?? `#${workspace_id}`;
  if (scope_department_id) return t("roles.chatsOf", { name: pathOf(departments, scope_department_id).join(" › ") });
  if (chat_id) return t("holds.chat", { id: chat_id });
  if (board_id || page_id) return t("roles.document", { id: board_id ?? page_id });
  return t("roles.everywhere");
}

/** @param {{ organization: { id: number }, role: any, permissions: import("./roles.js").About["permissions"], done: () => Promise<void> }} properties */
function RoleForm({ organization, role, permissions, done }) {
  const { api } = useAdmin();
  const chosen = useSignal(/** @type {string[]} */ (role?.permissions ?? []));
  const act = (/** @type {Record<string, string>} */ { name, description }) =>
    tried(async () => {
      const body = { name: name.trim(), description: description.trim(), permissions: chosen.value };
      await (role ? api.roles.change(organization.id, role.id, body) : api.roles.create(organization.id, body));
      await done();
    });
  const choose = (/** @type {string} */ name, /** @type {boolean} */ on) => (chosen.value = on ? [...chosen.value, name] : chosen.value.filter((one) => one !== name));
  return h(
    Dialog,
    { title: t(role ? "rules.edit" : "roles.add") },
    h(
      Form,
      { act, submit: t(role ? "directory.save" : "directory.create"), disabled: chosen.value.length === 0 },
      h(Field, { label: t("directory.name"), name: "name", required: true, maxLength: 100, defaultValue: role?.name ?? "", autofocus: true }),
      h(Field, { label: t("groups.description"), name: "description", maxLength: 1000, defaultValue: role?.description ?? "" }),
      KINDS.map((kind) => {
        const here = permissions.filter((one) => one.kind === kind && one.bindable);
        return here.length > 0 && h(
          "fieldset",
          { key: kind, class: "choices many" },
          h("legend", {}, t(`roles.in_${kind}`)),
          here.map(({ name }) => h("label", { key: name, class: "check" }, h("input", { type: "checkbox", checked: chosen.value.includes(name), onChange: (/** @type {any} */ { target }) => choose(name, target.checked) }), h("span", {}, name.split(".")[1].replaceAll("_", " ")))),
        );
      }),
    ),
  );
}
