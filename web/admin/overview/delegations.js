/** Who acts for the reader, and for whom they act: accepting, revoking, and offering it in the chats. */

import { momentOf } from "../../chat/words/dates.js";
import { h } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { Failure, useFetched } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

export function Delegations() {
  const { api, me, changed } = useAdmin();
  const fetch = async () => {
    const all = await api.delegations.list();
    const ids = [...new Set(all.flatMap(({ principal_id, delegate_id }) => [principal_id, delegate_id]))];
    const people = [];
    for (let at = 0; at < ids.length; at += 100) people.push(...(await api.users.list({ ids: ids.slice(at, at + 100).join(",") }).page()));
    return { all, names: new Map(people.map(({ id, fullname }) => [id, fullname])) };
  };
  const { found, problem, reload } = useFetched(fetch, [changed.value]);
  const { busy, failure, act } = useActing();
  const change = (/** @type {() => Promise<unknown>} */ what) =>
    act(async () => {
      await what();
      await reload();
    });
  const part = (/** @type {boolean} */ given) => {
    const rows = (found?.all ?? []).filter(({ principal_id }) => (principal_id === me.id) === given);
    return h(
      "section",
      { class: "panel", "aria-label": t(given ? "delegations.given" : "delegations.received") },
      h("h2", {}, t(given ? "delegations.given" : "delegations.received")),
      found && rows.length === 0 && h("p", { class: "none" }, t(given ? "delegations.noneGiven" : "delegations.noneReceived")),
      h(
        "ul",
        { class: "cards lined", "aria-label": t(given ? "delegations.given" : "delegations.received") },
        rows.map(({ id, principal_id, delegate_id, permissions, ends_at, accepted_at, reason }) =>
          h(
            "li",
            { key: id },
            h(
              "span",
              { class: "text" },
              h("strong", { dir: "auto" }, found?.names.get(given ? delegate_id : principal_id) ?? ""),
              h("small", {}, [t("delegations.until", { when: momentOf(ends_at) }), reason].filter(Boolean).join(" · ")),
              h("small", {}, permissions.join(", ")),
            ),
            h("span", { class: accepted_at ? "tag good" : "tag" }, t(accepted_at ? "delegations.accepted" : "delegations.offered")),
            !given && !accepted_at && h("button", { type: "button", class: "primary", disabled: busy, onClick: () => change(() => api.delegations.accept(id)) }, t("delegations.accept")),
            h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => change(() => api.delegations.revoke(id)) }, t("delegations.revoke")),
          ),
        ),
      ),
    );
  };
  return h("div", { class: "page-parts fields" }, h(Failure, { problem }), h("p", { class: "failure", role: "alert" }, failure), part(true), part(false));
}
