/** How long people were online: one's own time, and that of an organisation's people, as far as the server shows it. */

import { Icon } from "../../chat/shell/icons.js";
import { dayOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { Select } from "../directory/people.js";
import { useActing } from "../kit/acting.js";
import { Table, useList } from "../kit/lists.js";
import { saved } from "../kit/saving.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { durationOf, spanOf } from "./durations.js";

const GROUPINGS = /** @type {const} */ (["department", "person", "all"]);

/** Everybody sees their own. */
export const OwnOnlineTime = () => h(OnlineTime, { of: {} });

/** @param {{ organization: { id: number } }} properties */
export const OnlineTimeOfPeople = ({ organization }) => h(OnlineTime, { of: { organization_id: organization.id } });

/** @param {{ of: { organization_id?: number } }} properties */
function OnlineTime({ of }) {
  const { api } = useAdmin();
  const by = useSignal(/** @type {typeof GROUPINGS[number]} */ ("department"));
  const span = useSignal(spanOf(new Date()));
  const { busy, failure, act } = useActing();
  const query = { ...of, ...(of.organization_id && { by: by.value }), ...span.value };
  const { rows, isLoading, hasMore, problem, more } = useList(() => api.statistics.onlineTime(query), [JSON.stringify(query)]);
  const set = (/** @type {"since" | "until"} */ end) => (/** @type {any} */ { target }) => target.value && (span.value = { ...span.value, [end]: target.value });
  const save = () => act(async () => saved(await api.statistics.exportOnlineTime(query), `online-${span.value.since}-${span.value.until}.csv`));
  const nameOf = (/** @type {(typeof rows)[number]} */ { name }) => name ?? t(by.value === "all" ? "online.all" : "online.noDepartment");
  const most = Math.max(1, ...rows.map(({ seconds }) => seconds));
  return h(
    "section",
    {},
    h(
      "form",
      { class: "bar", role: "search", "aria-label": t("audit.filters"), onSubmit: (/** @type {Event} */ event) => event.preventDefault() },
      of.organization_id && h(Select, { label: t("online.by"), value: by.value, onChange: (value) => (by.value = /** @type {"all"} */ (value)), options: GROUPINGS.map((one) => /** @type {[string, string]} */ ([one, t(`online.by_${one}`)])) }),
      h("label", { class: "field" }, h("span", {}, t("audit.since")), h("input", { type: "date", defaultValue: span.value.since, onChange: set("since") })),
      h("label", { class: "field" }, h("span", {}, t("audit.until")), h("input", { type: "date", defaultValue: span.value.until, onChange: set("until") })),
      h("button", { type: "button", class: "outlined", disabled: busy, onClick: save }, h(Icon, { name: "save" }), t("audit.export")),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    h(Table, {
      label: t("online.title"), columns: [t(of.organization_id ? "online.whose" : "people.person"), t("online.people"), t("online.time"), t("online.days")], none: t("online.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.filter(({ days }) => days.length).map((row) => ({
        key: row.user_id ?? row.department_id ?? 0,
        cells: [
          h("span", { dir: "auto" }, nameOf(row)),
          h("span", { class: "number" }, row.people),
          h("span", { class: "sized" }, h("span", { class: "number" }, durationOf(row.seconds)), h("span", { class: "meter", "aria-hidden": "true" }, h("span", { style: { width: `${(row.seconds / most) * 100}%` } }))),
          h("details", {}, h("summary", {}, t("online.ofDays", { n: row.days.length })), h("ul", { class: "days" }, row.days.map(({ day, seconds, people }) => h("li", { key: day }, h("time", { dateTime: day }, dayOf(`${day}T12:00`)), " ", h("span", { class: "number" }, durationOf(seconds)), row.user_id === null && h("small", {}, t("people.found", { n: people })))))),
        ],
      })),
    }),
    h("p", { class: "hint" }, t(of.organization_id ? "online.hidden" : "online.ownHidden")),
  );
}
