/** Exports for cases: one person asks, another approves, and the first one fetches it. */

import { momentOf } from "../../chat/words/dates.js";
import { h } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { Table, useList } from "../kit/lists.js";
import { useColleaguesNames, useNames } from "../kit/names.js";
import { saved } from "../kit/saving.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

const STATES = /** @type {Record<string, string>} */ ({ asked: "tag warn", approved: "tag good", declined: "tag", expired: "tag" });

/** @param {{ workspace: { id: number } }} properties */
export function Cases({ workspace }) {
  const { api, me } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.compliance.cases(workspace.id), []);
  const names = useNames(useColleaguesNames(), rows.flatMap(({ asked_by, decided_by }) => [asked_by, decided_by]));
  const { busy, failure, act } = useActing();
  const change = (/** @type {() => Promise<unknown>} */ what) =>
    act(async () => {
      await what();
      await reload();
    });
  const fetchIt = async (/** @type {number} */ id) => saved(await api.compliance.exportCase(workspace.id, id), `case-${id}.jsonl`);
  const button = (/** @type {import("../words/words.js").Key} */ label, /** @type {() => Promise<unknown>} */ what, primary = false) =>
    h("button", { key: label, type: "button", class: primary ? "primary" : "outlined", disabled: busy, onClick: () => change(what) }, t(label));
  return h(
    "section",
    {},
    h("p", { class: "failure", role: "alert" }, failure),
    h(Table, {
      label: t("cases.title"), columns: [t("cases.case"), t("cases.asked"), t("holds.state"), t("cases.export"), ""], none: t("cases.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map(({ id, hold_id, reason, status, asked_by, asked_at, decided_by, expires_at, records, sha256 }) => ({
        key: id,
        cells: [
          h("span", { dir: "auto" }, reason, h("small", {}, t("cases.ofHold", { id: hold_id }))),
          [names(asked_by), h("small", { key: "at" }, momentOf(asked_at))],
          [h("span", { key: "state", class: STATES[status] }, t(`cases.${status}`)), decided_by && h("small", { key: "by" }, names(decided_by)), status === "approved" && expires_at && h("small", { key: "until" }, t("delegations.until", { when: momentOf(expires_at) }))],
          records === null ? "–" : [t("cases.records", { n: records }), h("small", { key: "hash" }, h("code", {}, sha256?.slice(0, 16)))],
          [
            status === "asked" && asked_by !== me.id && button("cases.approve", () => api.compliance.approveCase(workspace.id, id), true),
            status === "asked" && button(asked_by === me.id ? "cases.withdraw" : "cases.decline", () => api.compliance.declineCase(workspace.id, id)),
            status === "approved" && asked_by === me.id && button("cases.fetch", () => fetchIt(id), true),
          ],
        ],
      })),
    }),
  );
}
