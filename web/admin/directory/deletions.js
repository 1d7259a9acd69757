/** How far the deletions of people are, and which holds keep something of them. */

import { awayOf, momentOf } from "../../chat/words/dates.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { Table, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Select } from "./people.js";

const AGAIN_MS = 10_000;
/** @type {Record<string, string>} */
const TAGS = { held: "tag strong", done: "tag good" };

/** @param {{ organization: { id: number } }} properties */
export function Deletions({ organization }) {
  const { api } = useAdmin();
  const which = useSignal("false");
  const query = which.value ? { done: which.value === "true" } : {};
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.administration.deletions(organization.id, query), [which.value]);
  const isMoving = rows.some(({ state }) => state === "queued" || state === "running");
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => !document.hidden && reload(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [isMoving, which.value]);
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h(Select, { label: t("deletions.which"), value: which.value, onChange: (value) => (which.value = value), options: [["false", t("deletions.open")], ["true", t("deletions.done")], ["", t("deletions.all")]] })),
    h(Table, {
      label: t("deletions.title"), columns: [t("people.person"), t("deletions.state"), t("deletions.begun"), t("deletions.kept")], none: t("deletions.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map(({ user_id, state, percent, begun_at, finished_at, kept, holds }) => ({
        key: user_id,
        cells: [
          t("deletions.person", { id: user_id }),
          [
            h("span", { class: TAGS[state] ?? "tag" }, t(`deletions.${state}`)),
            state === "running" && [" ", h("progress", { key: "bar", max: 100, value: percent, "aria-label": t("deletions.progress", { id: user_id }) }), ` ${percent} %`],
            finished_at && h("small", {}, h("time", { dateTime: finished_at }, momentOf(finished_at))),
          ],
          h("time", { dateTime: begun_at, title: momentOf(begun_at) }, awayOf(begun_at)),
          holds.length === 0
            ? "–"
            : [
                h("span", { key: "kept" }, kept > 0 ? t("deletions.amount", { n: kept }) : t("deletions.workspace")),
                ...holds.map(({ id, name, reason }) => h("small", { key: id, dir: "auto" }, name === null ? t("deletions.someHold") : t("deletions.hold", { name }), reason && `: ${reason}`)),
              ],
        ],
      })),
    }),
  );
}
