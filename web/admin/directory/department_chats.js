/** Chats that follow departments: which there are, a new one, and the end of that. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { newKey } from "../../client/outbox.js";
import { h, useMemo, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, Table, useFetched } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Select } from "./people.js";
import { pathOf } from "./tree.js";

const NEW = "new";

/** @param {{ organization: { id: number } }} properties */
export function DepartmentChats({ organization }) {
  const { api, changed } = useAdmin();
  const fetch = async () => {
    const [follows, departments, workspaces, chats] = await Promise.all([
      api.organizations.departmentChats(organization.id, { limit: 500 }).all(),
      api.organizations.departments(organization.id, { limit: 500 }).all(),
      api.organizations.workspaces(organization.id, { limit: 500 }).all(),
      api.chats.list({ limit: 500 }).all(),
    ]);
    return { follows, departments, workspaces, chats };
  };
  const { found, problem, reload } = useFetched(fetch, [changed.value]);
  if (!found) return h(Failure, { problem });
  const { follows, departments, chats } = found;
  const administered = new Map(chats.filter(({ role }) => role === "admin" || role === "owner").map((chat) => [chat.id, chat]));
  const nameOf = (/** @type {number} */ id) => chats.find((chat) => chat.id === id)?.name || t("holds.chat", { id });
  const pathTo = (/** @type {number} */ id) => pathOf(departments, id).join(" › ");
  const end = (/** @type {(typeof follows)[number]} */ { chat_id, department_id }) =>
    confirm({
      title: t("departmentChats.end", { chat: nameOf(chat_id), name: pathTo(department_id) }), text: t("departmentChats.endText"), submit: t("departmentChats.endShort"),
      act: async () => {
        await api.organizations.leaveDepartment(organization.id, department_id, chat_id);
        await reload();
      },
    });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", disabled: departments.length === 0, onClick: () => showDialog("follow", Follow, { organization, about: found, administered: [...administered.values()], done: reload }) }, h(Icon, { name: "plus" }), t("departmentChats.add"))),
    h(Failure, { problem }),
    h(Table, {
      label: t("departmentChats.title"), columns: [t("departmentChats.chat"), t("people.department"), ""], none: t("departmentChats.none"),
      rows: follows.map((one) => ({
        key: `${one.chat_id} ${one.department_id}`,
        cells: [
          h("span", { dir: "auto" }, nameOf(one.chat_id)),
          h("span", { dir: "auto" }, one.with_below ? t("roles.andBelow", { name: pathTo(one.department_id) }) : pathTo(one.department_id)),
          administered.has(one.chat_id) ? h("button", { type: "button", class: "outlined", "aria-label": t("departmentChats.endIt", { chat: nameOf(one.chat_id), name: pathTo(one.department_id) }), onClick: () => end(one) }, t("departmentChats.endShort")) : h("small", {}, t("departmentChats.ofOthers")),
        ],
      })),
    }),
  );
}

/**
 * @param {{
 *   organization: { id: number }, administered: { id: number, name: string, type: string, workspace_id: number }[], done: () => Promise<void>,
 *   about: { departments: any[], workspaces: { workspace_id: number, name: string }[] },
 * }} properties
 */
function Follow({ organization, administered, about, done }) {
  const { api, workspaces: mine } = useAdmin();
  const { departments } = about;
  const own = new Set(mine.value.map(({ id }) => id));
  const workspaces = about.workspaces.filter(({ workspace_id }) => own.has(workspace_id));
  const chats = administered.filter(({ type, workspace_id }) => type !== "Single" && workspaces.some((one) => one.workspace_id === workspace_id));
  const department = useSignal(String(departments[0].id));
  const key = useMemo(newKey, []);
  const chat = useSignal(chats.length ? String(chats[0].id) : NEW);
  const act = (/** @type {Record<string, string>} */ { name, workspace, with_below }) =>
    tried(async () => {
      // If the rest fails it is there already, and is not made twice: the key says so.
      const make = () => api.chats.create({ type: "PrivateChannel", name: name.trim(), workspace_id: Number(workspace), members: [] }, { key });
      const id = chat.value === NEW ? (await make()).id : Number(chat.value);
      await api.organizations.followDepartment(organization.id, Number(department.value), id, { with_below: Boolean(with_below) });
      await done();
    });
  const isNew = chat.value === NEW;
  const options = /** @type {[string, string][]} */ ([...chats.map(({ id, name }) => [String(id), name || t("holds.chat", { id })]), ...(workspaces.length ? [[NEW, t("departmentChats.new")]] : [])]);
  return h(
    Dialog,
    { title: t("departmentChats.add") },
    h(
      Form,
      { act, submit: t("departmentChats.follow"), disabled: options.length === 0 },
      h("p", { class: "lead" }, t("departmentChats.text")),
      h(Select, { label: t("people.department"), value: department.value, onChange: (value) => (department.value = value), options: departments.map(({ id }) => /** @type {[string, string]} */ ([String(id), pathOf(departments, id).join(" › ")])) }),
      h(Select, { label: t("departmentChats.chat"), value: chat.value, onChange: (value) => (chat.value = value), options }),
      isNew && h(Field, { label: t("directory.name"), name: "name", required: true, maxLength: 80 }),
      isNew && h("label", { class: "field" }, h("span", {}, t("shell.workspace")), h("select", { name: "workspace" }, workspaces.map(({ workspace_id, name }) => h("option", { key: workspace_id, value: workspace_id }, name)))),
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "with_below", defaultChecked: true }), h("span", {}, t("roles.withBelow"))),
    ),
  );
}
