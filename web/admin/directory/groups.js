/** Groups: flat lists of people whom a message can mention by one name. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Table, useFetched, useList } from "../kit/lists.js";
import { PersonPicker, useDirectory } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @param {{ organization: { id: number } }} properties */
export function Groups({ organization }) {
  const { api, changed } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.organizations.groups(organization.id), [changed.value]);
  const edit = (/** @type {any} */ group) => showDialog("group", GroupForm, { organization, group, done: reload });
  const remove = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("groups.remove", { name: `@${name}` }), text: t("groups.removeText"), submit: t("directory.delete"),
      act: async () => {
        await api.organizations.deleteGroup(organization.id, id);
        await reload();
      },
    });
  const members = (/** @type {any} */ group) => showDialog("group-members", GroupMembers, { organization, group, done: reload });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", onClick: () => edit(null) }, h(Icon, { name: "plus" }), t("groups.add"))),
    h(Table, {
      label: t("groups.title"), columns: [t("directory.name"), t("groups.description"), t("groups.members"), ""], none: t("groups.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((group) => ({
        key: group.id,
        cells: [
          `@${group.name}`, h("span", { dir: "auto" }, group.description || "–"),
          h("button", { type: "button", class: "outlined number", "aria-label": t("groups.membersOf", { name: group.name, n: group.member_count }), onClick: () => members(group) }, group.member_count),
          h(Menu, { label: t("directory.more", { name: group.name }), class: "icon", button: h(Icon, { name: "more" }), items: [{ label: t("groups.edit"), icon: "edit", act: () => edit(group) }, { label: t("groups.who"), icon: "people", act: () => members(group) }, { label: t("directory.deleteIt"), icon: "trash", bad: true, begins: true, act: () => remove(group) }] }),
        ],
      })),
    }),
  );
}

/** @param {{ organization: { id: number }, group: any, done: () => Promise<void> }} properties */
function GroupForm({ organization, group, done }) {
  const { api } = useAdmin();
  const act = (/** @type {Record<string, string>} */ { name, description }) =>
    tried(async () => {
      const body = { name: name.trim().replace(/^@/, ""), description: description.trim() };
      await (group ? api.organizations.changeGroup(organization.id, group.id, body) : api.organizations.createGroup(organization.id, body));
      await done();
    });
  return h(
    Dialog,
    { title: group ? t("groups.edit") : t("groups.add") },
    h(Form, { act, submit: t(group ? "directory.save" : "directory.create") }, h(Field, { label: t("directory.name"), name: "name", required: true, maxLength: 32, defaultValue: group?.name ?? "", hint: t("groups.nameHint"), autofocus: true }), h(Field, { label: t("groups.description"), name: "description", maxLength: 1000, defaultValue: group?.description ?? "" })),
  );
}

/** @param {{ organization: { id: number }, group: any, done: () => Promise<void> }} properties */
function GroupMembers({ organization, group, done }) {
  const { api } = useAdmin();
  const search = useDirectory(organization.id);
  const { found, problem, reload } = useFetched(() => api.organizations.groupMembers(organization.id, group.id, { limit: 500 }).all(), []);
  const { busy, failure, act } = useActing();
  const turn = useSignal(0); // a new picker for the next person
  const change = (/** @type {() => Promise<unknown>} */ what) =>
    act(async () => {
      await what();
      turn.value++;
      await Promise.all([reload(), done()]);
    });
  return h(
    Dialog,
    { title: `@${group.name}` },
    h(PersonPicker, { key: turn.value, label: t("groups.addMember"), search, chosen: null, onChange: (one) => one && change(() => api.organizations.putGroupMember(organization.id, group.id, one.id)) }),
    h("p", { class: "failure", role: "alert" }, failure || (problem && String(problem.message))),
    h("ul", { class: "owned-list", "aria-label": t("groups.members") }, (found ?? []).map((one) => h("li", { key: one.user_id }, h("span", { class: "text", dir: "auto" }, one.fullname, h("small", {}, `@${one.username}`)), h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("groups.take", { name: one.fullname }), onClick: () => change(() => api.organizations.takeGroupMember(organization.id, group.id, one.user_id)) }, t("people.removeShort"))))),
  );
}
