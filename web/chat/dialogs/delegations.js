/** Acting for others: who acts for the reader and for whom they act; offering it, accepting and revoking it. */

import { h, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { Avatar } from "../shell/person.js";
import { workspaceId } from "../shell/workspaces.js";
import { momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { Choices, Dialog, Field, Form, openDialog, useAttempt } from "./dialogs.js";
import { PeoplePicker } from "./people_picker.js";

const DAY_MS = 86_400_000;
const MOST_DAYS = 180;
/** What one offers together; docs/organization/acting-for.md has all of them. */
const READS = /** @type {const} */ (["chat.see", "chat.read_messages", "chat.list_members"]);
const WRITES = /** @type {const} */ ([...READS, "chat.post_message", "chat.edit_own_messages"]);

export function Delegations() {
  const model = useModel();
  const me = model.me.value.id;
  const offering = useSignal(false);
  const { busy, failure, attempt } = useAttempt();
  const all = model.delegations.value;
  const part = (/** @type {boolean} */ given) => {
    const rows = all.filter(({ principal_id }) => (principal_id === me) === given);
    const title = t(given ? "acting.given" : "acting.received");
    return h(
      "section",
      { "aria-label": title },
      h("h3", {}, title),
      rows.length === 0 && h("p", { class: "none" }, t(given ? "acting.noneGiven" : "acting.noneReceived")),
      h("ul", { class: "owned-list devices", "aria-label": title }, rows.map((one) => h(Row, { key: one.id, delegation: one, given, busy, attempt }))),
    );
  };
  return h(
    Dialog,
    { title: t("acting.title") },
    h("p", { class: "lead" }, t("acting.lead")),
    offering.value ? h(Offer, { done: () => (offering.value = false) }) : [
      part(false),
      part(true),
      h("p", { key: "failure", class: "failure", role: "alert" }, failure),
      h("div", { key: "acts", class: "acts" }, h("button", { type: "button", class: "primary", onClick: () => (offering.value = true) }, t("acting.offer"))),
    ],
  );
}

/** @param {{ delegation: Record<string, any>, given: boolean, busy: boolean, attempt: (act: () => Promise<unknown>) => Promise<void> }} properties */
function Row({ delegation, given, busy, attempt }) {
  const model = useModel();
  const { id, principal_id, delegate_id, accepted_at, ends_at, reason, chat_id } = delegation;
  const other = model.person(given ? delegate_id : principal_id).value;
  const chat = chat_id && model.chat(chat_id).value;
  const about = [t("acting.until", { when: momentOf(ends_at) }), chat?.name && `#${chat.name}`, reason].filter(Boolean).join(" · ");
  return h(
    "li",
    {},
    h(Avatar, { id: other.id, fullname: other.fullname, avatar: other.avatar }),
    h("span", { class: "text" }, h("strong", { dir: "auto" }, other.fullname), h("small", { dir: "auto" }, about), !accepted_at && h("span", { class: "tag" }, t("acting.waits"))),
    !given && !accepted_at && h("button", { type: "button", class: "primary", disabled: busy, onClick: () => attempt(() => model.api.delegations.accept(id)) }, t("acting.accept")),
    !given && accepted_at && h("button", { type: "button", class: "primary", onClick: () => openDialog("acting", { principalId: principal_id }) }, t("acting.act", { name: other.fullname })),
    h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("acting.revokeOf", { name: other.fullname }), onClick: () => attempt(() => model.api.delegations.revoke(id)) }, t(given || accepted_at ? "acting.revoke" : "acting.decline")),
  );
}

/** @param {{ done: () => void }} properties */
function Offer({ done }) {
  const model = useModel();
  const chosen = useSignal(/** @type {import("./people_picker.js").Colleague[]} */ ([]));
  const [person] = chosen.value;
  const here = workspaceId.value;
  const chats = [...model.chats.value.values()].filter(({ workspace_id, type }) => workspace_id === here && type !== "Single");
  const act = async (/** @type {Record<string, string>} */ { what, where, days, reason }) => {
    await model.api.delegations.offer({
      delegate_id: person.user_id,
      permissions: [...(what === "write" ? WRITES : READS)],
      ends_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
      reason: reason.trim(),
      ...(where ? { chat_id: Number(where) } : { workspace_id: here }),
    });
    done();
  };
  return [
    h(PeoplePicker, { key: "who", label: t("acting.who"), workspaceId: /** @type {number} */ (here), without: new Set([model.me.value.id]), chosen: chosen.value, onChange: (now) => (chosen.value = now.slice(-1)) }),
    h(
      Form,
      { key: "form", act, submit: t("acting.offerSubmit"), stays: true, disabled: !person },
      h(Choices, { label: t("acting.what"), name: "what", value: "write", choices: [["read", t("acting.read")], ["write", t("acting.write")]] }),
      h("label", { class: "field" }, h("span", {}, t("acting.where")), h("select", { name: "where" }, h("option", { value: "" }, t("acting.everywhere")), chats.map(({ id, name }) => name && h("option", { key: id, value: id }, name)))),
      h(Field, { label: t("acting.days"), name: "days", type: "number", min: 1, max: MOST_DAYS, required: true, defaultValue: 7, hint: t("acting.daysHint") }),
      h(Field, { label: t("acting.reason"), name: "reason", maxLength: 500 }),
    ),
  ];
}
