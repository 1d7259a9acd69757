/** The audit log: who did what, by action, person and days, and all of that as a file. */

import { Icon } from "../../chat/shell/icons.js";
import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { Table, useFetched, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { asCsv, changesOf, queryOf } from "./audit_entries.js";

const MOST_EXPORTED = 100_000;

/** @param {{ workspace: { id: number, name: string } }} properties */
export function Audit({ workspace }) {
  const { api } = useAdmin();
  const filters = useSignal({ action: "", actor: "", since: "", until: "" });
  const { busy, failure, act } = useActing();
  const members = useFetched(() => api.workspaces.members(workspace.id, { limit: 500 }).all(), []).found ?? [];
  const names = new Map(members.map((one) => [one.user_id, one.fullname]));
  const query = queryOf(filters.value);
  const read = (/** @type {number} */ limit) => api.moderation.audit(workspace.id, { ...query, limit });
  const { rows, isLoading, hasMore, problem, more } = useList(() => read(100), [JSON.stringify(query)]);
  const nameOf = (/** @type {number | null | undefined} */ id) => (id ? (names.get(id) ?? `#${id}`) : t("audit.server"));
  const set = (/** @type {string} */ name) => (/** @type {any} */ { target }) => (filters.value = { ...filters.value, [name]: target.value });
  const save = () =>
    act(async () => {
      const found = [];
      for await (const entry of read(500)) if (found.push(entry) >= MOST_EXPORTED) break;
      saveAs(asCsv(found, nameOf), `audit-${workspace.id}.csv`);
    });
  return h(
    "section",
    {},
    h(
      "form",
      { class: "bar", role: "search", "aria-label": t("audit.filters"), onSubmit: (/** @type {Event} */ event) => event.preventDefault() },
      h("label", { class: "field grows" }, h("span", {}, t("audit.action")), h("input", { value: filters.value.action, placeholder: "chat_deleted", pattern: "[a-z_]{1,64}", maxLength: 64, spellcheck: false, onChange: set("action") })),
      h("label", { class: "field" }, h("span", {}, t("audit.actor")), h("select", { value: filters.value.actor, onChange: set("actor") }, h("option", { value: "" }, t("people.all")), [...names].map(([id, name]) => h("option", { key: id, value: id }, name)))),
      h("label", { class: "field" }, h("span", {}, t("audit.since")), h("input", { type: "date", value: filters.value.since, onChange: set("since") })),
      h("label", { class: "field" }, h("span", {}, t("audit.until")), h("input", { type: "date", value: filters.value.until, onChange: set("until") })),
      h("button", { type: "button", class: "outlined", disabled: busy, onClick: save }, h(Icon, { name: "save" }), t("audit.export")),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    h(Table, {
      label: t("audit.title"), columns: [t("audit.what"), t("audit.who"), t("audit.when"), t("audit.changes")], none: t("audit.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((entry) => ({
        key: entry.id,
        cells: [
          [h("code", {}, entry.action), entry.target_type && h("small", {}, `${entry.target_type} ${entry.target_id ?? ""}`)],
          h("span", { dir: "auto" }, entry.delegate_id ? t("audit.acting", { delegate: nameOf(entry.delegate_id), name: nameOf(entry.actor_id) }) : nameOf(entry.actor_id), entry.address && h("small", {}, entry.address)),
          h("time", { dateTime: entry.at }, momentOf(entry.at)),
          changesOf(entry).map(({ name, before, after }) => h("small", { key: name, dir: "auto" }, h("b", {}, name), ` ${before} → ${after}`)),
        ],
      })),
    }),
  );
}

/** @param {string} text  @param {string} name */
export function saveAs(text, name) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
