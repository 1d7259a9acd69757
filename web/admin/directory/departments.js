/** The departments: a tree, which is ordered by dragging or by keys, and the one that is chosen. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { h, useMemo, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, useFetched } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { DepartmentPeople } from "./department_people.js";
import { DepartmentTree } from "./department_tree.js";
import { changed, lastPlace, moved, pathOf, stepped } from "./tree.js";

/** @typedef {import("./tree.js").Department} Department */

/** @param {{ organization: { id: number, name: string } }} properties */
export function Departments({ organization }) {
  const { api, changed: tick } = useAdmin();
  const { found, problem, reload } = useFetched(() => api.organizations.departments(organization.id, { limit: 500 }).all(), [tick.value]);
  /** As it will be: shown at once, until the server has said what is. */
  const ahead = useSignal(/** @type {Department[] | null} */ (null));
  const chosen = useSignal(/** @type {number | null} */ (null));
  const told = useSignal("");
  const { failure, act } = useActing();
  /** One move after the other, as fast as keys are pressed. */
  const line = useMemo(() => ({ last: Promise.resolve(), waiting: 0 }), []);
  const all = /** @type {Department[]} */ (ahead.value ?? found ?? []);
  const one = all.find(({ id }) => id === chosen.value) ?? null;

  const apply = (/** @type {import("./tree.js").Change[]} */ changes, /** @type {number} */ id) => {
    if (!changes.length) return;
    ahead.value = changed(all, changes);
    told.value = t("departments.moved", { name: all.find((each) => each.id === id)?.name ?? "", where: pathOf(ahead.value, id).join(" › ") });
    line.waiting += 1;
    const send = async () => {
      try {
        for (const { id: which, ...change } of changes) await api.organizations.changeDepartment(organization.id, which, change);
      } finally {
        line.waiting -= 1;
        if (line.waiting === 0) {
          await reload();
          ahead.value = null;
        }
      }
    };
    line.last = line.last.then(() => act(send));
  };
  const add = (/** @type {Department | null} */ parent) =>
    showDialog("department", NameIt, {
      title: parent ? t("departments.addBelow", { name: parent.name }) : t("departments.add"),
      submit: t("directory.create"),
      act: async (/** @type {string} */ name) => {
        const made = await api.organizations.createDepartment(organization.id, { name, parent_id: parent?.id ?? null, place: lastPlace(all, parent?.id ?? null) });
        await reload();
        chosen.value = made.id;
      },
    });
  return h(
    "div",
    { class: "departments" },
    h(
      "section",
      { class: "tree-side", "aria-label": t("departments.title") },
      h("div", { class: "bar" }, h("button", { type: "button", class: all.length ? "outlined" : "primary", onClick: () => add(null) }, h(Icon, { name: "plus" }), t("departments.add"))),
      h(Failure, { problem }),
      h("p", { class: "failure", role: "alert" }, failure),
      found && all.length === 0 && h("p", { class: "none" }, t("departments.none")),
      all.length > 0 && h(DepartmentTree, {
        all, chosen: one?.id ?? null, choose: (id) => (chosen.value = id),
        move: (id, where, target) => apply(moved(all, id, where, target), id),
        step: (id, way) => apply(stepped(all, id, way), id),
      }),
      all.length > 0 && h("p", { class: "hint", id: "tree-hint" }, t("departments.keys")),
      h("p", { class: "unseen", role: "status" }, told.value),
    ),
    one
      ? h(Chosen, { key: one.id, organization, department: one, all, add, reload, gone: () => (chosen.value = null) })
      : all.length > 0 && h("section", { class: "chosen-side nothing-chosen" }, h("p", { class: "none" }, t("departments.choose"))),
  );
}

/** @param {{ organization: any, department: Department, all: Department[], add: (parent: Department) => void, reload: () => Promise<void>, gone: () => void }} properties */
function Chosen({ organization, department, all, add, reload, gone }) {
  const { api } = useAdmin();
  const { busy, failure, act } = useActing();
  const change = async (/** @type {Record<string, any>} */ what) => {
    await api.organizations.changeDepartment(organization.id, department.id, what);
    await reload();
  };
  const rename = () => showDialog("department", NameIt, { title: t("departments.rename"), name: department.name, submit: t("directory.save"), act: (/** @type {string} */ name) => change({ name }) });
  const remove = () =>
    confirm({
      title: t("departments.remove", { name: department.name }),
      text: t("departments.removeText"),
      submit: t("directory.delete"),
      act: async () => {
        await api.organizations.deleteDepartment(organization.id, department.id);
        gone();
        await reload();
      },
    });
  const path = pathOf(all, department.id).slice(0, -1);
  return h(
    "section",
    { class: "chosen-side", "aria-labelledby": "department-name" },
    h(
      "header",
      {},
      h("div", {}, path.length > 0 && h("p", { class: "path", dir: "auto" }, path.join(" › ")), h("h2", { id: "department-name", dir: "auto" }, department.name)),
      h("button", { type: "button", class: "outlined", onClick: () => add(department) }, h(Icon, { name: "plus" }), t("departments.below")),
      h(Menu, {
        label: t("directory.more", { name: department.name }), class: "icon", button: h(Icon, { name: "more" }),
        items: [{ label: t("departments.rename"), icon: "edit", act: rename }, { label: t("directory.deleteIt"), icon: "trash", bad: true, begins: true, act: remove }],
      }),
    ),
    h(
      "label",
      { class: "check" },
      h("input", { type: "checkbox", checked: department.hidden, disabled: busy, onChange: (/** @type {any} */ { target }) => act(() => change({ hidden: target.checked })) }),
      h("span", {}, t("departments.hidden"), h("small", {}, t("departments.hiddenHint"))),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    h(DepartmentPeople, { organization, department }),
  );
}

/** Asks for a name. @param {{ title: string, name?: string, submit: string, act: (name: string) => Promise<unknown> }} properties */
export const NameIt = ({ title, name = "", submit, act }) =>
  h(Dialog, { title }, h(Form, { act: (fields) => tried(() => act(fields.name.trim())), submit }, h(Field, { label: t("directory.name"), name: "name", required: true, maxLength: 100, defaultValue: name, autofocus: true })));
