/** How much each workspace of an organisation stores, and how long it keeps messages. */

import { h } from "../../vendor/preact.js";
import { Table, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { sizeInWords, t } from "../words/words.js";

/** @param {{ organization: { id: number } }} properties */
export function OrganizationStorage({ organization }) {
  const { api, changed } = useAdmin();
  const { rows, isLoading, hasMore, problem, more } = useList(() => api.administration.storage(organization.id), [changed.value]);
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes));
  return h(Table, {
    label: t("organizationStorage.title"), columns: [t("shell.workspace"), t("storage.used"), t("storage.limit"), t("retention.keep")], none: t("organizationStorage.none"), isLoading, problem, more: hasMore ? more : null,
    rows: rows.map(({ workspace_id, name, bytes, allowed, retention_days }) => ({
      key: workspace_id,
      cells: [
        h("span", { dir: "auto" }, name),
        h("span", { class: "sized" }, h("span", { class: "number" }, sizeInWords(bytes)), h("span", { class: "meter", "aria-hidden": "true" }, h("span", { style: { width: `${(bytes / (allowed ?? most)) * 100}%` } }))),
        allowed === null ? "–" : sizeInWords(allowed),
        retention_days === null ? t("retention.forever") : t("retention.now", { n: retention_days }),
      ],
    })),
  });
}
