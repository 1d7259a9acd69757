/** An organisation's people: who is what, who is whose manager, who is a guest; adding and removing them. */

import { Choices, Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { Avatar } from "../../chat/shell/person.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, Table, useFetched } from "../kit/lists.js";
import { PersonPicker, useDirectory } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { pathOf } from "./tree.js";

const AT_ONCE = 50;

/** @param {{ organization: import("../shell/state.js").Governed }} properties */
export function People({ organization }) {
  const { api, changed, me } = useAdmin();
  const typed = useSignal("");
  const department = useSignal("");
  const kind = useSignal("");
  const most = useSignal(AT_ONCE);
  const { busy, failure, act } = useActing();
  const about = useFetched(
    async () => ({
      departments: await api.organizations.departments(organization.id, { limit: 500 }).all(),
      positions: await api.organizations.positions(organization.id, { limit: 500 }).all(),
      members: await api.organizations.members(organization.id, { limit: 500 }).all(),
    }),
    [changed.value],
  );
  const directory = useFetched(() => api.organizations.people(organization.id, { q: typed.value.trim(), department_id: department.value ? Number(department.value) : undefined, limit: 500 }).all(), [typed.value, department.value, changed.value]);
  const { departments = [], positions = [], members = [] } = about.found ?? {};
  const known = new Map(members.map((one) => [one.user_id, one]));
  const rows = (directory.found ?? []).filter((one) => !kind.value || one.kind === kind.value);
  const reload = async () => void (await Promise.all([about.reload(), directory.reload()]));
  const change = (/** @type {number} */ id, /** @type {Record<string, any>} */ what) =>
    act(async () => {
      await api.organizations.changeMember(organization.id, id, what);
      await reload();
    });
  const remove = (/** @type {any} */ { id, fullname }) =>
    confirm({
      title: t("people.remove", { name: fullname }), text: t("people.removeText"), submit: t("people.removeShort"),
      act: async () => {
        await api.organizations.removeMember(organization.id, id);
        await reload();
      },
    });
  const roles = organization.role === "owner" ? /** @type {const} */ (["member", "admin", "owner"]) : /** @type {const} */ (["member", "admin"]);
  const describe = (/** @type {any} */ { department_id, position_id, is_head }) => [pathOf(departments, department_id).at(-1), positions.find(({ id }) => id === position_id)?.name, is_head && t("departments.head")].filter(Boolean).join(" · ");
  const actions = (/** @type {any} */ one) => {
    const member = known.get(one.id);
    const may = member && one.id !== me.id && (organization.role === "owner" || member.role !== "owner");
    return [
      { label: t("people.manager"), icon: /** @type {const} */ ("people"), act: () => showDialog("manager", Manager, { organization, person: one, done: reload }) },
      ...(may && one.kind === "member" ? roles.map((role, at) => ({ label: t(`role.${role}`), begins: at === 0, checked: member.role === role, act: () => change(one.id, { role }) })) : []),
      ...(may && one.kind !== "bot" ? [{ label: t(one.kind === "guest" ? "people.toMember" : "people.toGuest"), begins: true, act: () => change(one.id, { kind: one.kind === "guest" ? "member" : "guest" }) }] : []),
      ...(may ? [{ label: t("people.removeIt"), icon: /** @type {const} */ ("trash"), bad: true, begins: true, act: () => remove(one) }] : []),
    ];
  };
  return h(
    "section",
    {},
    h(
      "div",
      { class: "bar", role: "search" },
      h("label", { class: "field grows" }, h("span", {}, t("people.search")), h("input", { type: "search", value: typed.value, dir: "auto", placeholder: t("picker.hint"), maxLength: 80, onInput: (/** @type {any} */ { target }) => (typed.value = target.value) })),
      h(Select, { label: t("people.department"), value: department.value, onChange: (value) => (department.value = value), options: [["", t("people.all")], ...departments.map(({ id }) => /** @type {[string, string]} */ ([String(id), pathOf(departments, id).join(" › ")]))] }),
      h(Select, { label: t("people.kind"), value: kind.value, onChange: (value) => (kind.value = value), options: [["", t("people.all")], ["member", t("kind.member")], ["guest", t("kind.guest")], ["bot", t("kind.bot")]] }),
      h("button", { type: "button", class: "primary", onClick: () => showDialog("add-person", AddPerson, { organization, roles, done: reload }) }, h(Icon, { name: "plus" }), t("people.add")),
    ),
    h(Failure, { problem: about.problem }),
    h("p", { class: "failure", role: "alert" }, failure),
    h("p", { class: "hint", role: "status" }, directory.found ? t("people.found", { n: rows.length }) : ""),
    h(Table, {
      label: t("people.title"), columns: [t("people.person"), t("people.role"), t("people.where"), t("people.manager"), ""], none: t("picker.none"), isLoading: !directory.found, problem: directory.problem,
      more: rows.length > most.value ? () => (most.value += AT_ONCE) : null,
      rows: rows.slice(0, most.value).map((one) => ({
        key: one.id,
        cells: [
          h("span", { class: "who-cell" }, h(Avatar, { id: one.id, fullname: one.fullname, avatar: one.avatar }), h("span", { dir: "auto" }, one.fullname, h("small", {}, `@${one.username}`))),
          h("span", { class: one.kind === "guest" ? "tag warn" : "tag" }, one.kind === "member" ? t(`role.${/** @type {"member"} */ (known.get(one.id)?.role ?? "member")}`) : t(`kind.${one.kind}`)),
          one.appointments.length ? one.appointments.map((each) => h("span", { key: each.id, dir: "auto" }, describe(each), h("br", {}))) : "–",
          h("span", { dir: "auto" }, known.get(one.manager_id ?? 0)?.fullname ?? "–"),
          h(Menu, { label: t("directory.more", { name: one.fullname }), class: "icon", items: busy ? [] : actions(one), button: h(Icon, { name: "more" }) }),
        ],
      })),
    }),
  );
}

/** @param {{ label: string, value: string, onChange: (value: string) => void, options: [string, string][], name?: string }} properties */
export const Select = ({ label, value, onChange, options, name }) =>
  h("label", { class: "field" }, h("span", {}, label), h("select", { name, value, onChange: (/** @type {any} */ { target }) => onChange(target.value) }, options.map(([one, text]) => h("option", { key: one, value: one }, text))));

/** @param {{ organization: { id: number }, roles: readonly ("member" | "admin" | "owner")[], done: () => Promise<void> }} properties */
function AddPerson({ organization, roles, done }) {
  const { api } = useAdmin();
  const act = (/** @type {Record<string, string>} */ { who, kind, role }) =>
    tried(async () => {
      const name = who.trim();
      const named = name.includes("@") && !name.startsWith("@") ? { email: name } : { username: name.replace(/^@/, "") };
      await api.organizations.addMember(organization.id, { ...named, kind: /** @type {"member"} */ (kind), role: kind === "guest" ? "member" : /** @type {"member"} */ (role) });
      await done();
    });
  return h(
    Dialog,
    { title: t("people.add") },
    h(
      Form,
      { act, submit: t("people.addSubmit") },
      h("p", { class: "lead" }, t("people.addHint")),
      h(Field, { label: t("people.who"), name: "who", required: true, maxLength: 200, autofocus: true }),
      h(Choices, { label: t("people.kind"), name: "kind", value: "member", choices: [["member", t("kind.member"), t("people.memberHint")], ["guest", t("kind.guest"), t("people.guestHint")]] }),
      h("label", { class: "field" }, h("span", {}, t("people.role")), h("select", { name: "role" }, roles.map((role) => h("option", { key: role, value: role }, t(`role.${role}`))))),
    ),
  );
}

/** @param {{ organization: { id: number }, person: any, done: () => Promise<void> }} properties */
function Manager({ organization, person, done }) {
  const { api } = useAdmin();
  const search = useDirectory(organization.id);
  const chosen = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const act = () =>
    tried(async () => {
      await api.organizations.changeMember(organization.id, person.id, { manager_id: chosen.value?.id ?? null });
      await done();
    });
  return h(
    Dialog,
    { title: t("people.managerOf", { name: person.fullname }) },
    h(PersonPicker, { label: t("people.manager"), search: async (text) => (await search(text)).filter(({ id }) => id !== person.id), chosen: chosen.value, onChange: (one) => (chosen.value = one) }),
    h(Form, { act, submit: chosen.value ? t("directory.save") : t("people.noManager") }),
  );
}
