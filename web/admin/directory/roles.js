/** Roles of an organisation's own: what they permit, to whom they are bound and where, and why somebody may do something. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, Table, useFetched, useList } from "../kit/lists.js";
import { useNames, useOrganizationNames } from "../kit/names.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Explain } from "./explain.js";
import { BindRole } from "./role_binding.js";
import { about, scopeOf, subjectOf } from "./role_subjects.js";

const KINDS = /** @type {const} */ (["organization", "workspace", "chat", "document"]);

/** @param {{ organization: { id: number } }} properties */
export function Roles({ organization }) {
  const { api, changed } = useAdmin();
  const { found, problem, reload: readAbout } = useFetched(() => about(api, organization.id), [changed.value]);
  const roles = useList(() => api.roles.list(organization.id), [changed.value]);
  const bindings = useList(() => api.roles.bindings(organization.id), [changed.value]);
  const nameOf = useNames(useOrganizationNames(organization.id), bindings.rows.map(({ user_id }) => user_id));
  const reload = async () => void (await Promise.all([readAbout(), roles.reload(), bindings.reload()]));
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
        label: t("roles.roles"), columns: [t("directory.name"), t("roles.permits"), ""], none: t("lists.loading"), isLoading: roles.isLoading, problem: roles.problem, more: roles.hasMore ? roles.more : null,
        rows: roles.rows.map((role) => ({
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
        label: t("roles.bindings"), columns: [t("people.role"), t("roles.who"), t("roles.where"), t("roles.until"), ""], none: t("roles.unbound"), isLoading: bindings.isLoading, problem: bindings.problem, more: bindings.hasMore ? bindings.more : null,
        rows: bindings.rows.map((binding) => ({
          key: binding.id,
          cells: [
            h("span", { dir: "auto" }, binding.role_name),
            h("span", { dir: "auto" }, subjectOf(binding, found, nameOf)),
            h("span", { dir: "auto" }, scopeOf(binding, found)),
            binding.ends_at ? momentOf(binding.ends_at) : t("roles.forGood"),
            h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("roles.unbindIt", { role: binding.role_name, who: subjectOf(binding, found, nameOf) }), onClick: () => unbind(binding.id) }, t("roles.unbind")),
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

/** @param {{ organization: { id: number }, role: any, permissions: import("./role_subjects.js").About["permissions"], done: () => Promise<void> }} properties */
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
