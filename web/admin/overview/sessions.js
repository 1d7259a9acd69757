/** Where one is signed in oneself, and the end of that elsewhere. */

import { deviceOf } from "../../chat/dialogs/device_names.js";
import { awayOf, momentOf } from "../../chat/words/dates.js";
import { h } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { Table, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

export function Sessions() {
  const { api } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.devices.list(), []);
  const { busy, failure, act } = useActing();
  const end = (/** @type {number} */ id) =>
    act(async () => {
      await api.devices.end(id);
      await reload();
    });
  const shown = rows.map(({ id, device_name, address, created_at, last_seen_at, current }) => ({
    key: id,
    cells: [
      [deviceOf(device_name) || t("sessions.unknown"), " ", current && h("span", { class: "tag strong" }, t("sessions.here"))],
      address ?? "–",
      h("time", { dateTime: created_at, title: momentOf(created_at) }, awayOf(created_at)),
      h("time", { dateTime: last_seen_at ?? created_at }, awayOf(last_seen_at ?? created_at)),
      !current && h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => end(id) }, t("sessions.end")),
    ],
  }));
  return h(
    "section",
    {},
    h("p", { class: "failure", role: "alert" }, failure),
    h(Table, { label: t("sessions.title"), columns: [t("sessions.device"), t("sessions.address"), t("sessions.since"), t("sessions.seen"), ""], rows: shown, none: t("lists.loading"), isLoading, problem, more: hasMore ? more : null }),
  );
}
