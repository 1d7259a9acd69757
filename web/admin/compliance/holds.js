/** Legal holds: what they cover is kept when it is edited or deleted, and nobody reads it by them. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Table, useList } from "../kit/lists.js";
import { useColleaguesNames, useNames } from "../kit/names.js";
import { PersonPicker, useMembers } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @param {{ workspace: { id: number } }} properties */
export function Holds({ workspace }) {
  const { api } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.compliance.holds(workspace.id), []);
  const names = useNames(useColleaguesNames(), rows.flatMap(({ user_id, placed_by }) => [user_id, placed_by]));
  const release = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("holds.release", { name }), text: t("holds.releaseText"), submit: t("holds.releaseSubmit"), children: h(Field, { label: t("holds.reason"), name: "reason", maxLength: 1000 }),
      act: async ({ reason }) => {
        await api.compliance.releaseHold(workspace.id, id, { reason });
        await reload();
      },
    });
  const ask = (/** @type {any} */ hold) => showDialog("ask", AskForCase, { workspace, hold });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", onClick: () => showDialog("hold", PlaceHold, { workspace, done: reload }) }, h(Icon, { name: "plus" }), t("holds.place"))),
    h(Table, {
      label: t("holds.title"), columns: [t("holds.name"), t("holds.covers"), t("holds.placed"), t("holds.state"), ""], none: t("holds.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((hold) => ({
        key: hold.id,
        cells: [
          h("span", { dir: "auto" }, hold.name, hold.reason && h("small", {}, hold.reason)),
          [hold.user_id && h("span", { key: "user" }, names(hold.user_id), " "), hold.chat_id && h("span", { key: "chat" }, t("holds.chat", { id: hold.chat_id }), " "), hold.since && h("small", { key: "since" }, t("holds.since", { when: momentOf(hold.since) })), hold.until && h("small", { key: "until" }, t("holds.until", { when: momentOf(hold.until) }))],
          [names(hold.placed_by), h("small", { key: "when" }, momentOf(hold.placed_at))],
          hold.released_at ? h("span", { class: "tag" }, t("holds.released")) : h("span", { class: "tag good" }, t("holds.active")),
          [
            !hold.released_at && h("button", { key: "ask", type: "button", class: "outlined", onClick: () => ask(hold) }, t("holds.ask")),
            !hold.released_at && h("button", { key: "release", type: "button", class: "outlined", "aria-label": t("holds.release", { name: hold.name }), onClick: () => release(hold) }, t("holds.releaseIt")),
          ],
        ],
      })),
    }),
  );
}

/** @param {{ workspace: { id: number }, done: () => Promise<void> }} properties */
function PlaceHold({ workspace, done }) {
  const { api } = useAdmin();
  const search = useMembers(workspace.id);
  const person = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const act = (/** @type {Record<string, string>} */ { name, reason, chat, since, until }) =>
    tried(async () => {
      const at = (/** @type {string} */ day) => (day ? new Date(`${day}T00:00:00`).toISOString() : null);
      await api.compliance.placeHold(workspace.id, { name: name.trim(), reason: reason.trim(), user_id: person.value?.id ?? null, chat_id: chat ? Number(chat) : null, since: at(since), until: at(until) });
      await done();
    });
  return h(
    Dialog,
    { title: t("holds.place") },
    h("p", { class: "lead" }, t("holds.placeText")),
    h(PersonPicker, { label: t("holds.person"), search, chosen: person.value, onChange: (one) => (person.value = one) }),
    h(
      Form,
      { act, submit: t("holds.placeSubmit") },
      h(Field, { label: t("holds.name"), name: "name", required: true, maxLength: 100 }),
      h(Field, { label: t("holds.reason"), name: "reason", maxLength: 1000 }),
      h(Field, { label: t("holds.chatId"), name: "chat", inputMode: "numeric", pattern: "[0-9]{1,18}", hint: t("holds.chatHint") }),
      h(Field, { label: t("audit.since"), name: "since", type: "date" }),
      h(Field, { label: t("holds.before"), name: "until", type: "date" }),
    ),
  );
}

/** @param {{ workspace: { id: number }, hold: any }} properties */
function AskForCase({ workspace, hold }) {
  const { api } = useAdmin();
  const act = (/** @type {Record<string, string>} */ { reason }) => tried(() => api.compliance.askForCase(workspace.id, { hold_id: hold.id, reason: reason.trim() }));
  return h(Dialog, { title: t("holds.askFor", { name: hold.name }) }, h(Form, { act, submit: t("holds.ask") }, h("p", { class: "lead" }, t("cases.two")), h(Field, { label: t("holds.reason"), name: "reason", required: true, maxLength: 1000, autofocus: true })));
}
