/** The audit log: who did what, by action, person and days, and all of that as a file. */

import { Icon } from "../../chat/shell/icons.js";
import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { Table, useList } from "../kit/lists.js";
import { namesOf, useColleaguesNames, useNames, useOrganizationNames } from "../kit/names.js";
import { PersonPicker, useColleagues, usePeople } from "../kit/person_picker.js";
import { saved } from "../kit/saving.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { asCsv, changesOf, queryOf } from "./audit_entries.js";

const MOST_EXPORTED = 100_000;

/** @param {{ workspace: { id: number } }} properties */
export function Audit({ workspace: { id } }) {
  const { api } = useAdmin();
  return h(Log, { name: `audit-${id}`, read: (query) => api.moderation.audit(id, query), ask: useColleaguesNames(), search: useColleagues() });
}

/** Of acts upon an organisation's people, directory, roles and features. @param {{ organization: { id: number } }} properties */
export function OrganizationAudit({ organization: { id } }) {
  const { api } = useAdmin();
  return h(Log, { name: `audit-organization-${id}`, read: (query) => api.administration.audit(id, query), ask: useOrganizationNames(id), search: usePeople(id) });
}

/**
 * @param {{
 *   name: string, read: (query: Record<string, any>) => AsyncIterable<any>, ask: import("../kit/names.js").Ask,
 *   search: (typed: string) => Promise<import("../kit/person_picker.js").Found[]>,
 * }} properties
 */
function Log({ name, read, ask, search }) {
  const filters = useSignal({ action: "", actor: "", since: "", until: "" });
  const actor = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const { busy, failure, act } = useActing();
  const query = queryOf(filters.value);
  const { rows, isLoading, hasMore, problem, more } = useList(() => read({ ...query, limit: 100 }), [JSON.stringify(query)]);
  const named = useNames(ask, rows.flatMap(({ actor_id, delegate_id }) => [actor_id, delegate_id]));
  const nameOf = (/** @type {number | null | undefined} */ id) => (id ? named(id) : t("audit.server"));
  const choose = (/** @type {import("../kit/person_picker.js").Found | null} */ one) => {
    actor.value = one;
    filters.value = { ...filters.value, actor: one ? String(one.id) : "" };
  };
  const set = (/** @type {string} */ filter) => (/** @type {any} */ { target }) => (filters.value = { ...filters.value, [filter]: target.value });
  const save = () =>
    act(async () => {
      const found = [];
      for await (const entry of read({ ...query, limit: 500 })) if (found.push(entry) >= MOST_EXPORTED) break;
      const all = await namesOf(ask, found.flatMap(({ actor_id, delegate_id }) => [actor_id, delegate_id]));
      saved(new Blob([asCsv(found, (id) => (id ? (all.get(id) ?? `#${id}`) : t("audit.server")))], { type: "text/csv" }), `${name}.csv`);
    });
  return h(
    "section",
    {},
    h(
      "form",
      { class: "bar", role: "search", "aria-label": t("audit.filters"), onSubmit: (/** @type {Event} */ event) => event.preventDefault() },
      h("label", { class: "field grows" }, h("span", {}, t("audit.action")), h("input", { defaultValue: filters.value.action, placeholder: "chat_deleted", pattern: "[a-z_]{1,64}", maxLength: 64, spellcheck: false, onChange: set("action") })),
      h(PersonPicker, { label: t("audit.actor"), search, chosen: actor.value, onChange: choose }),
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
