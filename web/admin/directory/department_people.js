/** Who is in a department: heads first, with their positions; appointing somebody, and the end of that. */

import { Dialog, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { Avatar } from "../../chat/shell/person.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { Failure, useFetched } from "../kit/lists.js";
import { PersonPicker, useDirectory } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @param {{ organization: { id: number }, department: import("./tree.js").Department }} properties */
export function DepartmentPeople({ organization, department }) {
  const { api, changed } = useAdmin();
  const fetch = async () => {
    const appointments = await api.organizations.appointments(organization.id, department.id, { limit: 500 }).all();
    const people = await api.organizations.people(organization.id, { department_id: department.id, limit: 500 }).all();
    const positions = await api.organizations.positions(organization.id, { limit: 500 }).all();
    const known = new Map(people.map((one) => [one.id, one]));
    const rows = appointments.map((appointment) => ({ appointment, person: known.get(appointment.user_id) }));
    return { positions, rows: rows.sort((one, other) => Number(other.appointment.is_head) - Number(one.appointment.is_head)) };
  };
  const { found, problem, reload } = useFetched(fetch, [changed.value]);
  const { busy, failure, act } = useActing();
  const change = (/** @type {any} */ { id, department_id, position_id, is_head, is_primary, starts_at, ends_at }, /** @type {Record<string, any>} */ what) =>
    act(async () => {
      await api.organizations.changeAppointment(organization.id, id, { department_id, position_id, is_head, is_primary, starts_at, ends_at, ...what });
      await reload();
    });
  const end = (/** @type {any} */ { id }) =>
    act(async () => {
      await api.organizations.endAppointment(organization.id, id);
      await reload();
    });
  const appoint = () => showDialog("appoint", Appoint, { organization, department, positions: found?.positions ?? [], done: reload });
  const positionOf = (/** @type {number | null} */ id) => found?.positions.find((each) => each.id === id)?.name;
  return [
    h("div", { key: "bar", class: "bar" }, h("h3", {}, t("departments.people")), h("button", { type: "button", class: "outlined", onClick: appoint }, h(Icon, { name: "plus" }), t("departments.appoint"))),
    h(Failure, { key: "problem", problem }),
    h("p", { key: "failure", class: "failure", role: "alert" }, failure),
    found?.rows.length === 0 && h("p", { key: "none", class: "none" }, t("departments.nobody")),
    h(
      "ul",
      { key: "list", class: "cards", "aria-label": t("departments.people"), "aria-busy": !found },
      (found?.rows ?? []).map(({ appointment, person }) => {
        const fullname = person?.fullname ?? `#${appointment.user_id}`;
        return h(
          "li",
          { key: appointment.id },
          h(Avatar, { id: appointment.user_id, fullname, avatar: person?.avatar }),
          h("span", { class: "text" }, h("strong", { dir: "auto" }, fullname), h("small", { dir: "auto" }, [positionOf(appointment.position_id), person && `@${person.username}`].filter(Boolean).join(" · "))),
          appointment.is_head && h("span", { class: "tag strong" }, t("departments.head")),
          !appointment.is_current && h("span", { class: "tag" }, t("departments.notNow")),
          h(Menu, {
            label: t("directory.more", { name: fullname }), class: "icon", button: h(Icon, { name: "more" }),
            items: [
              { label: t("departments.isHead"), checked: appointment.is_head, act: () => !busy && change(appointment, { is_head: !appointment.is_head }) },
              { label: t("departments.isPrimary"), checked: appointment.is_primary, act: () => !busy && change(appointment, { is_primary: !appointment.is_primary }) },
              ...(found?.positions ?? []).map((position, at) => ({ label: position.name, begins: at === 0, checked: position.id === appointment.position_id, act: () => change(appointment, { position_id: position.id === appointment.position_id ? null : position.id }) })),
              { label: t("departments.end"), icon: /** @type {const} */ ("leave"), bad: true, begins: true, act: () => end(appointment) },
            ],
          }),
        );
      }),
    ),
  ];
}

/** @param {{ organization: { id: number }, department: { id: number, name: string }, positions: { id: number, name: string }[], done: () => Promise<void> }} properties */
function Appoint({ organization, department, positions, done }) {
  const { api } = useAdmin();
  const search = useDirectory(organization.id);
  const person = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const act = (/** @type {Record<string, string>} */ { position, is_head }) =>
    tried(async () => {
      if (!person.value) return;
      await api.organizations.appoint(organization.id, { user_id: person.value.id, department_id: department.id, position_id: position ? Number(position) : null, is_head: Boolean(is_head) });
      await done();
    });
  return h(
    Dialog,
    { title: t("departments.appointIn", { name: department.name }) },
    h(PersonPicker, { label: t("departments.person"), search, chosen: person.value, onChange: (one) => (person.value = one) }),
    h(
      Form,
      { act, submit: t("departments.appointSubmit"), disabled: !person.value },
      h("label", { class: "field" }, h("span", {}, t("departments.position")), h("select", { name: "position" }, h("option", { value: "" }, t("departments.noPosition")), positions.map((one) => h("option", { key: one.id, value: one.id }, one.name)))),
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "is_head" }), h("span", {}, t("departments.asHead"))),
    ),
  );
}
