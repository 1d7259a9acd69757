/** The directory of an organisation: its departments, and its people by name, department, position, pinyin and initials. */

import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { Avatar } from "../shell/person.js";
import { t } from "../words/words.js";
import { Dialog, openDialog, useAttempt } from "./dialogs.js";

/** The organisations whose directories the reader sees. @param {import("../shell/context.js").Model} model */
export const directoriesOf = (model) => model.organizations.value.filter(({ kind }) => kind === "member");

/** What somebody is, in words. @param {any} person  @param {ReadonlyMap<number, any>} departments  @param {ReadonlyMap<number, any>} positions */
export const placesOf = ({ appointments }, departments, positions) =>
  appointments
    .filter((/** @type {any} */ { is_current }) => is_current)
    .map((/** @type {any} */ { department_id, position_id, is_head }) => [departments.get(department_id)?.name, positions.get(position_id)?.name, is_head && t("directory.head")].filter(Boolean).join(" · "));

/** Departments and positions by their ids. @param {import("../shell/context.js").Model} model  @param {number} organizationId */
export async function structureOf(model, organizationId) {
  const [departments, positions] = await Promise.all([model.api.organizations.departments(organizationId, { limit: 500 }).all(), model.api.organizations.positions(organizationId, { limit: 500 }).all()]);
  return { departments: new Map(departments.map((one) => [one.id, one])), positions: new Map(positions.map((one) => [one.id, one])) };
}

/** In the order of the tree, with their levels. @param {ReadonlyMap<number, any>} departments @returns {{ one: any, level: number }[]} */
export function inTree(departments) {
  const all = [...departments.values()].sort((one, other) => one.place - other.place || one.id - other.id);
  const below = /** @returns {{ one: any, level: number }[]} */ (/** @type {number | null} */ parent, /** @type {number} */ level) =>
    all.filter(({ parent_id }) => (departments.has(parent_id) ? parent_id : null) === parent).flatMap((one) => [{ one, level }, ...below(one.id, level + 1)]);
  return below(null, 0);
}

export function Directory() {
  const model = useModel();
  const all = directoriesOf(model);
  const organizationId = useSignal(all[0]?.id ?? null);
  const typed = useSignal("");
  const department = useSignal("");
  const structure = useSignal(/** @type {Awaited<ReturnType<typeof structureOf>>} */ ({ departments: new Map(), positions: new Map() }));
  const people = useSignal(/** @type {any[] | null} */ (null));
  const { failure, attempt } = useAttempt();
  useEffect(() => {
    const id = organizationId.value;
    if (id !== null) void attempt(async () => void (structure.value = await structureOf(model, id)));
  }, [organizationId.value]);
  useEffect(() => {
    const id = organizationId.value;
    if (id === null) return undefined;
    let wanted = true;
    const query = { q: typed.value.trim(), department_id: department.value ? Number(department.value) : undefined, limit: 50 };
    model.api.organizations.people(id, query).page().then((found) => wanted && (people.value = found), () => wanted && (people.value = []));
    return () => {
      wanted = false;
    };
  }, [organizationId.value, typed.value, department.value]);
  const { departments, positions } = structure.value;
  const choose = (/** @type {any} */ { target }) => {
    organizationId.value = Number(target.value);
    department.value = "";
  };
  return h(
    Dialog,
    { title: t("directory.title"), class: "directory" },
    all.length > 1 && h("select", { "aria-label": t("directory.organization"), value: organizationId.value, onChange: choose }, all.map(({ id, name }) => h("option", { key: id, value: id }, name))),
    h(
      "div",
      { class: "directory-search" },
      h("input", { type: "search", "aria-label": t("directory.search"), placeholder: t("directory.search"), dir: "auto", maxLength: 80, autofocus: true, onInput: (/** @type {any} */ { target }) => (typed.value = target.value) }),
      h("select", { "aria-label": t("directory.department"), value: department.value, onChange: (/** @type {any} */ { target }) => (department.value = target.value) }, h("option", { value: "" }, t("directory.all")), inTree(departments).map(({ one, level }) => h("option", { key: one.id, value: one.id }, `${"\u2003".repeat(level)}${one.name}`))),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "ul",
      { class: "people-list", "aria-label": t("directory.people"), "aria-busy": people.value === null },
      (people.value ?? []).map((person) =>
        h(
          "li",
          { key: person.id },
          h("button", { type: "button", class: "person", onClick: () => openDialog("profile", { userId: person.id }) }, h("span", { class: "sign" }, h(Avatar, { id: person.id, fullname: person.fullname, avatar: person.avatar })), h("span", { class: "who" }, h("strong", { dir: "auto" }, person.fullname), h("small", { dir: "auto" }, placesOf(person, departments, positions)[0] ?? `@${person.username}`))),
          person.kind !== "member" && h("span", { class: "tag" }, t(person.kind === "guest" ? "directory.guest" : "timeline.bot")),
        ),
      ),
    ),
    people.value?.length === 0 && h("p", { class: "none", role: "status" }, t("directory.none")),
  );
}

/** What somebody is in the organisations that the reader shares with them. @param {{ userId: number, username: string }} properties */
export function OrganizationCard({ userId, username }) {
  const model = useModel();
  const found = useSignal(/** @type {{ name: string, places: string[], managerId: number | null }[]} */ ([]));
  useEffect(() => {
    let wanted = true;
    const look = async (/** @type {any} */ { id, name }) => {
      const people = await model.api.organizations.people(id, { q: username, limit: 50 }).page();
      const person = people.find((one) => one.id === userId);
      if (!person) return [];
      const { departments, positions } = await structureOf(model, id);
      return [{ name, places: placesOf(person, departments, positions), managerId: person.manager_id }];
    };
    if (username) Promise.all(directoriesOf(model).map((one) => look(one).catch(() => []))).then((cards) => wanted && (found.value = cards.flat()));
    return () => {
      wanted = false;
    };
  }, [userId, username]);
  return found.value.map(({ name, places, managerId }) =>
    h(
      "dl",
      { key: name, class: "organization-card" },
      h("dt", { dir: "auto" }, name),
      places.map((place) => h("dd", { key: place, dir: "auto" }, place)),
      managerId !== null && h("dd", {}, h("button", { type: "button", class: "as-link", onClick: () => openDialog("profile", { userId: managerId }) }, t("directory.manager", { name: model.person(managerId).value.fullname }))),
    ),
  );
}
