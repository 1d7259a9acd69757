/** Binds a role: to a person, a group or a department, somewhere, until a day or for good. */

import { Dialog, Field, Form } from "../../chat/dialogs/frame.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { PersonPicker, useDirectory } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Select } from "./people.js";
import { pathOf } from "./tree.js";

/** @param {{ organization: { id: number }, about: import("./role_subjects.js").About, done: () => Promise<void> }} properties */
export function BindRole({ organization, about: { roles, departments, groups, workspaces }, done }) {
  const { api } = useAdmin();
  const search = useDirectory(organization.id);
  const to = useSignal("person");
  const person = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const where = useSignal("");
  const named = departments.map(({ id }) => ({ id, name: pathOf(departments, id).join(" › ") }));
  const act = (/** @type {Record<string, string>} */ { role, group, department, below, place, day }) =>
    tried(async () => {
      const subject = to.value === "person" ? { user_id: person.value?.id } : to.value === "group" ? { group_id: Number(group) } : { department_id: Number(department), with_below: Boolean(below) };
      const scope = where.value ? { [where.value]: Number(place) } : {};
      await api.roles.bind(organization.id, { role_id: Number(role), ...subject, ...scope, ends_at: day ? new Date(`${day}T23:59:59`).toISOString() : null });
      await done();
    });
  const options = (/** @type {{ id: number, name: string }[]} */ all) => all.map(({ id, name }) => h("option", { key: id, value: id }, name));
  return h(
    Dialog,
    { title: t("roles.bind") },
    h(Select, { label: t("roles.who"), value: to.value, onChange: (value) => (to.value = value), options: [["person", t("people.person")], ["group", t("roles.group")], ["department", t("people.department")]] }),
    to.value === "person" && h(PersonPicker, { label: t("people.person"), search, chosen: person.value, onChange: (one) => (person.value = one) }),
    h(
      Form,
      { act, submit: t("roles.bindSubmit"), disabled: to.value === "person" && !person.value },
      to.value === "group" && h("label", { class: "field" }, h("span", {}, t("roles.group")), h("select", { name: "group", required: true }, options(groups))),
      to.value === "department" && [
        h("label", { key: "department", class: "field" }, h("span", {}, t("people.department")), h("select", { name: "department", required: true }, options(named))),
        h("label", { key: "below", class: "check" }, h("input", { type: "checkbox", name: "below", defaultChecked: true }), h("span", {}, t("roles.withBelow"))),
      ],
      h("label", { class: "field" }, h("span", {}, t("people.role")), h("select", { name: "role", required: true }, options(roles.filter(({ built_in }) => !built_in)))),
      h(Select, { label: t("roles.where"), value: where.value, onChange: (value) => (where.value = value), options: [["", t("roles.everywhere")], ["workspace_id", t("shell.workspace")], ["scope_department_id", t("roles.departmentChats")], ["chat_id", t("holds.chatId")]] }),
      where.value === "workspace_id" && h("label", { class: "field" }, h("span", {}, t("shell.workspace")), h("select", { name: "place", required: true }, options(workspaces.map(({ workspace_id: id, name }) => ({ id, name }))))),
      where.value === "scope_department_id" && h("label", { class: "field" }, h("span", {}, t("people.department")), h("select", { name: "place", required: true }, options(named))),
      where.value === "chat_id" && h(Field, { label: t("holds.chatId"), name: "place", required: true, inputMode: "numeric", pattern: "[0-9]{1,18}", hint: t("holds.chatHint") }),
      h(Field, { label: t("roles.lastDay"), name: "day", type: "date", hint: t("roles.lastDayHint") }),
    ),
  );
}
