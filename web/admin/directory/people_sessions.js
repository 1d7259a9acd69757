/** Where the organisation's people are signed in, and the end of that: of accounts that the organisation keeps. */

import { deviceOf } from "../../chat/dialogs/device_names.js";
import { awayOf, momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { Table, useList } from "../kit/lists.js";
import { useNames, useOrganizationNames } from "../kit/names.js";
import { PersonPicker, usePeople } from "../kit/person_picker.js";
import { Empty } from "../shell/states.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @param {{ organization: { id: number } }} properties */
export function PeopleSessions({ organization }) {
  const { api } = useAdmin();
  const person = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const search = usePeople(organization.id);
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.administration.sessions(organization.id, person.value ? { user_id: person.value.id } : {}), [person.value?.id]);
  const nameOf = useNames(useOrganizationNames(organization.id), rows.map(({ user_id }) => user_id));
  const { busy, failure, act } = useActing();
  const end = (/** @type {number} */ id) =>
    act(async () => {
      await api.administration.endSession(organization.id, id);
      await reload();
    });
  if (problem?.code === "accounts_not_kept") {
    const line = `SELECT * FROM ops.keep_accounts(${organization.id});`;
    return h(Empty, { icon: "devices", title: t("kept.title") }, h("p", {}, t("kept.text")), h("pre", { class: "setting-lines", tabIndex: 0, "aria-label": "SQL" }, line));
  }
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h(PersonPicker, { label: t("people.person"), search, chosen: person.value, onChange: (one) => (person.value = one) })),
    h("p", { class: "failure", role: "alert" }, failure),
    h(Table, {
      label: t("peopleSessions.title"), columns: [t("people.person"), t("sessions.device"), t("sessions.address"), t("sessions.seen"), ""], none: t("peopleSessions.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map(({ id, user_id, device_name, address, created_at, last_seen_at, current }) => ({
        key: id,
        cells: [
          h("span", { dir: "auto" }, nameOf(user_id)),
          deviceOf(device_name) || t("sessions.unknown"),
          address ?? "–",
          h("time", { dateTime: last_seen_at ?? created_at, title: momentOf(created_at) }, awayOf(last_seen_at ?? created_at)),
          !current && h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("peopleSessions.end", { name: nameOf(user_id) }), onClick: () => end(id) }, t("sessions.end")),
        ],
      })),
    }),
  );
}
