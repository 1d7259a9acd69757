/** What the reader's organisations tell them: what is open first, to be acknowledged; and what was before. */

import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { MessageText } from "../text/message_text.js";
import { placesOf } from "../timeline/places.js";
import { senderName } from "../timeline/sender.js";
import { momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { Dialog, useAttempt } from "./dialogs.js";

const SHOWN = 50;

export function Announcements() {
  const model = useModel();
  const found = useSignal(/** @type {any[] | null} */ (null));
  const { busy, failure, attempt } = useAttempt();
  const open = model.announcements.value.map(({ id, updated_at }) => `${id} ${updated_at}`).join();
  useEffect(() => void attempt(async () => void (found.value = await model.api.announcements.list({ limit: SHOWN }).page())), [open]);
  const acknowledge = (/** @type {number} */ id) =>
    attempt(async () => {
      await model.api.announcements.acknowledge(id);
      found.value = (found.peek() ?? []).map((one) => (one.id === id ? { ...one, acknowledged_at: new Date().toISOString() } : one));
    });
  const all = [...(found.value ?? [])].sort((one, other) => Number(other.acknowledged_at === null) - Number(one.acknowledged_at === null) || other.id - one.id);
  return h(
    Dialog,
    { title: t("announcements.title"), class: "announcements" },
    h("p", { class: "failure", role: "alert" }, failure),
    found.value?.length === 0 && h("p", { class: "none" }, t("announcements.none")),
    h(
      "ul",
      { class: "announced-list", "aria-label": t("announcements.title"), "aria-busy": found.value === null },
      all.map((one) => {
        const author = one.author_id ? senderName(model.person(one.author_id).value) : null;
        const firm = model.organizations.value.find(({ id }) => id === one.organization_id)?.name;
        return h(
          "li",
          { key: one.id },
          h("h3", { dir: "auto" }, one.title),
          h("small", { dir: "auto" }, [firm, author, momentOf(one.created_at)].filter(Boolean).join(" · ")),
          h("div", { class: "body", dir: "auto" }, h(MessageText, { text: one.content, ...placesOf(model, { chat_id: 0, mentions: [], ...one }) })),
          one.acknowledged_at
            ? h("span", { class: "tag" }, t("announcements.acknowledgedAt", { when: momentOf(one.acknowledged_at) }))
            : h("button", { type: "button", class: one.acknowledgement_required ? "primary" : "outlined", disabled: busy, "aria-label": t("announcements.acknowledgeIt", { title: one.title }), onClick: () => acknowledge(one.id) }, t("announcements.acknowledge")),
        );
      }),
    ),
  );
}
