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

/** @param {{ workspace: { id: number } }} properties */
export function Audit({ workspace: { id } }) {
  const { api } = useAdmin();
  return h(Log, { name: `audit-${id}`, read: (query) => api.moderation.audit(id, query), people: () => api.workspaces.members(id, { limit: 500 }).all() });
}

/** Of acts upon an organisation's people, directory, roles and features. @param {{ organization: { id: number } }} properties */
export function OrganizationAudit({ organization: { id } }) {
  const { api } = useAdmin();
  return h(Log, { name: `audit-organization-${id}`, read: (query) => api.administration.audit(id, query), people: () => api.organizations.members(id, { limit: 500 }).all() });
}

/** @param {{ name: string, read: (query: Record<string, any>) => AsyncIterable<any>, people: () => Promise<{ user_id: number, fullname: string }[]> }} properties */
function Log({ name, read, people }) {
  const filters = useSignal({ action: "", actor: "", since: "", until: "" });
  const { busy, failure, act } = useActing();
  const members = useFetched(people, []).found ?? [];
  const names = new Map(members.map((one) => [one.user_id, one.fullname]));
  const query = queryOf(filters.value);
  const { rows, isLoading, hasMore, problem, more } = useList(() => read({ ...query, limit: 100 }), [JSON.stringify(query)]);
  const nameOf = (/** @type {number | null | undefined} */ id) => (id ? (names.get(id) ?? `#${id}`) : t("audit.server"));
  const set = (/** @type {string} */ filter) => (/** @type {any} */ { target }) => (filters.value = { ...filters.value, [filter]: target.value });
  const save = () =>
    act(async () => {
      const found = [];
      for await (const entry of read({ ...query, limit: 500 })) if (found.push(entry) >= MOST_EXPORTED) break;
      saveAs(asCsv(found, nameOf), `${name}.csv`);
    });
  return h(
    "section",
    {},
    h(
      "form",
      { class: "bar", role: "search", "aria-label": t("audit.filters"), onSubmit: (/** @type {Event} */ event) => event.preventDefault() },
      h("label", { class: "field grows" }, h("span", {}, t("audit.action")), h("input", { defaultValue: filters.value.action, placeholder: "chat_deleted", pattern: "[a-z_]{1,64}", maxLength: 64, spellcheck: false, onChange: set("action") })),
      h("label", { class: "field" }, h("span", {}, t("audit.actor")), h("select", { value: filters.value.actor, onChange: set("actor") }, h("option", { value: "" }, t("people.all")), [...names].map(([id, fullname]) => h("option", { key: id, value: id }, fullname)))),
      h("label", { class: "field" }, h("span", {}, t("audit.since")), h("input", { type: "date", defaultValue: filters.value.since, onChange: set("since") })),
      h("label", { class: "field" }, h("span", {}, t("audit.until")), h("input", { type: "date", defaultValue: filters.value.until, onChange: set("until") })),
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
          changesOf(entry).map(({ name: what, before, after }) => h("small", { key: what, dir: "auto" }, h("b", {}, what), ` ${before} → ${after}`)),
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
