/** An organisation's people: who is what, who is whose manager, who is a guest; adding and removing them. */

import { Choices, Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { Avatar } from "../../chat/shell/person.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, Table, useFetched, useList } from "../kit/lists.js";
import { PersonPicker, useDirectory } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { PersonData } from "./person_data.js";
import { pathOf } from "./tree.js";

const AT_ONCE = 50;

/** @param {{ organization: import("../shell/state.js").Governed }} properties */
export function People({ organization }) {
  const admin = useAdmin();
  const { api, changed, me } = admin;
  const typed = useSignal("");
  const department = useSignal("");
  const kind = useSignal("");
  const { busy, failure, act } = useActing();
  const about = useFetched(
    async () => ({
      departments: await api.organizations.departments(organization.id, { limit: 500 }).all(),
      positions: await api.organizations.positions(organization.id, { limit: 500 }).all(),
    }),
    [changed.value],
  );
  const query = { q: typed.value.trim(), department_id: department.value ? Number(department.value) : undefined, kind: /** @type {"member" | undefined} */ (kind.value || undefined), limit: AT_ONCE };
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.organizations.members(organization.id, query), [JSON.stringify(query), changed.value], AT_ONCE);
  const { departments = [], positions = [] } = about.found ?? {};
  const done = async () => void (await reload());
  const change = (/** @type {() => Promise<unknown>} */ what) =>
    act(async () => {
      await what();
      await reload();
    });
  const remove = (/** @type {any} */ { user_id, fullname }) =>
    confirm({
      title: t("people.remove", { name: fullname }), text: t("people.removeText"), submit: t("people.removeShort"),
      act: async () => {
        await api.organizations.removeMember(organization.id, user_id);
        await reload();
      },
    });
  const suspend = (/** @type {any} */ { user_id, fullname }) =>
    confirm({
      title: t("people.suspend", { name: fullname }), text: t("people.suspendText"), submit: t("people.suspendShort"),
      act: async () => {
        await api.administration.suspend(organization.id, user_id);
        await reload();
      },
    });
  const roles = organization.role === "owner" ? /** @type {const} */ (["member", "admin", "owner"]) : /** @type {const} */ (["member", "admin"]);
  const administers = admin.isOn("enable_advanced_admin", organization.id) === "on";
  const describe = (/** @type {any} */ { department_id, position_id, is_head }) => [pathOf(departments, department_id).at(-1), positions.find(({ id }) => id === position_id)?.name, is_head && t("departments.head")].filter(Boolean).join(" · ");
  const actions = (/** @type {(typeof rows)[number]} */ one) => {
    const { user_id: id, role, status, is_suspended_here } = one;
    const may = id !== me.id && (organization.role === "owner" || role !== "owner");
    const others = one.kind === "member" ? roles : [];
    return [
      { label: t("people.manager"), icon: /** @type {const} */ ("people"), act: () => showDialog("manager", Manager, { organization, person: one, done }) },
      ...(may ? others.map((other, at) => ({ label: t(`role.${other}`), begins: at === 0, checked: role === other, act: () => change(() => api.organizations.changeMember(organization.id, id, { role: other })) })) : []),
      ...(may && one.kind !== "bot" ? [{ label: t(one.kind === "guest" ? "people.toMember" : "people.toGuest"), begins: true, act: () => change(() => api.organizations.changeMember(organization.id, id, { kind: one.kind === "guest" ? "member" : "guest" })) }] : []),
      ...(administers && may && one.kind === "member" && organization.role === "owner" ? [{ label: t("data.of"), icon: /** @type {const} */ ("save"), begins: true, act: () => showDialog("person-data", PersonData, { organization, person: one, done }) }] : []),
      ...(administers && may && is_suspended_here ? [{ label: t("people.reinstate"), icon: /** @type {const} */ ("play"), begins: true, act: () => change(() => api.administration.reinstate(organization.id, id)) }] : []),
      ...(administers && may && one.kind === "member" && status === "active" ? [{ label: t("people.suspendIt"), icon: /** @type {const} */ ("lock"), begins: true, act: () => suspend(one) }] : []),
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
      h("button", { type: "button", class: "primary", onClick: () => showDialog("add-person", AddPerson, { organization, roles, done }) }, h(Icon, { name: "plus" }), t("people.add")),
    ),
    h(Failure, { problem: about.problem }),
    h("p", { class: "failure", role: "alert" }, failure),
    h("p", { class: "hint", role: "status" }, isLoading && !rows.length ? "" : t(hasMore ? "people.foundFirst" : "people.found", { n: rows.length })),
    h(Table, {
      label: t("people.title"), columns: [t("people.person"), t("people.role"), t("people.where"), t("people.manager"), ""], none: t("picker.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((one) => ({
        key: one.user_id,
        cells: [
          h("span", { class: "who-cell" }, h(Avatar, { id: one.user_id, fullname: one.fullname, avatar: one.avatar }), h("span", { dir: "auto" }, one.fullname, h("small", {}, `@${one.username}`))),
          [h("span", { key: "role", class: one.kind === "guest" ? "tag warn" : "tag" }, one.kind === "member" ? t(`role.${/** @type {"member"} */ (one.role)}`) : t(`kind.${one.kind}`)), one.status !== "active" && h("span", { key: "status", class: "tag bad" }, t(`status.${/** @type {"suspended"} */ (one.status)}`))],
          one.appointments.length ? one.appointments.map((each) => h("span", { key: each.id, dir: "auto" }, describe(each), h("br", {}))) : "–",
          h("span", { dir: "auto" }, one.manager_fullname ?? "–"),
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
      await api.organizations.changeMember(organization.id, person.user_id, { manager_id: chosen.value?.id ?? null });
      await done();
    });
  return h(
    Dialog,
    { title: t("people.managerOf", { name: person.fullname }) },
    h(PersonPicker, { label: t("people.manager"), search: async (text) => (await search(text)).filter(({ id }) => id !== person.user_id), chosen: chosen.value, onChange: (one) => (chosen.value = one) }),
    h(Form, { act, submit: chosen.value ? t("directory.save") : t("people.noManager") }),
  );
}
