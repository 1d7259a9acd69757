/** What rules have held: somebody looks at each, and ends its review. */

import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { Select } from "../directory/people.js";
import { useActing } from "../kit/acting.js";
import { Failure, useList } from "../kit/lists.js";
import { useColleaguesNames, useNames } from "../kit/names.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @param {{ workspace: { id: number } }} properties */
export function Review({ workspace }) {
  const { api } = useAdmin();
  const status = useSignal(/** @type {"open" | "released" | "dismissed"} */ ("open"));
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.compliance.heldMessages(workspace.id, { status: status.value }), [status.value]);
  const names = useNames(useColleaguesNames(), rows.map(({ sender_id }) => sender_id));
  const { busy, failure, act } = useActing();
  const end = (/** @type {() => Promise<unknown>} */ what) =>
    act(async () => {
      await what();
      await reload();
    });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h(Select, { label: t("holds.state"), value: status.value, onChange: (value) => (status.value = /** @type {"open"} */ (value)), options: [["open", t("review.open")], ["released", t("review.released")], ["dismissed", t("review.dismissed")]] })),
    h(Failure, { problem }),
    h("p", { class: "failure", role: "alert" }, failure),
    !isLoading && rows.length === 0 && h("p", { class: "none" }, t("review.none")),
    h(
      "ul",
      { class: "cards lined", "aria-label": t("review.title"), "aria-busy": isLoading },
      rows.map((held) =>
        h(
          "li",
          { key: held.id },
          h(
            "span",
            { class: "text" },
            h("strong", { dir: "auto" }, names(held.sender_id), " ", h("span", { class: held.action === "block" ? "tag bad" : "tag warn" }, t(held.action === "block" ? "review.blocked" : "review.flagged"))),
            h("small", {}, t("review.by", { rule: held.rule_name, when: momentOf(held.created_at) })),
            held.content !== null && h("blockquote", { class: "said", dir: "auto" }, held.content),
          ),
          held.status === "open" && h("button", { type: "button", class: "primary", disabled: busy, onClick: () => end(() => api.compliance.releaseHeldMessage(workspace.id, held.id)) }, t(held.action === "block" ? "review.post" : "review.fine")),
          held.status === "open" && h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => end(() => api.compliance.dismissHeldMessage(workspace.id, held.id)) }, t("review.dismiss")),
        ),
      ),
    ),
    hasMore && h("div", { class: "acts start" }, h("button", { type: "button", class: "outlined", disabled: isLoading, onClick: more }, t("lists.more"))),
  );
}
