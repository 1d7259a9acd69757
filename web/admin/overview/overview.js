/** How things stand, in figures that follow what happens. */

import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { Failure, useFetched } from "../kit/lists.js";
import { addressOf, following, go, place } from "../shell/router.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

const EVERY_MS = 15_000;

export function Overview() {
  const { api, changed, organization, workspace, organizations, workspaces } = useAdmin();
  const turn = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && turn.value++, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const fetch = async () => {
    const firm = organization.peek();
    const place_ = workspace.peek();
    const isAdmin = firm && firm.role !== "member";
    const [departments, groups, people, storage] = await Promise.all([
      firm ? api.organizations.departments(firm.id, { limit: 500 }).all() : null,
      firm ? api.organizations.groups(firm.id, { limit: 500 }).all() : null,
      isAdmin ? api.organizations.members(firm.id, { limit: 500 }).all() : null,
      place_ ? api.workspaces.storage(place_.id) : null,
    ]);
    return { departments, groups, people, storage };
  };
  const { found, problem } = useFetched(fetch, [changed.value, turn.value, organization.value?.id, workspace.value?.id]);
  const { departments, groups, people, storage } = found ?? {};
  const kinds = (/** @type {string} */ kind) => people?.filter((one) => one.kind === kind).length ?? 0;
  return [
    h(Failure, { key: "failure", problem }),
    h(
      "section",
      { key: "firm", "aria-labelledby": "figures-firm" },
      h("h2", { id: "figures-firm" }, organization.value?.name ?? t("shell.organization")),
      organization.value
        ? h(
            "dl",
            { class: "figures" },
            h(Figure, { label: t("overview.people"), to: "people", value: people ? kinds("member") : null, note: people ? t("overview.others", { guests: kinds("guest"), bots: kinds("bot") }) : "" }),
            h(Figure, { label: t("departments.title"), to: "departments", value: departments?.length ?? null }),
            h(Figure, { label: t("groups.title"), to: "groups", value: groups?.length ?? null }),
          )
        : h("p", { class: "none" }, t("none.organization")),
    ),
    h(
      "section",
      { key: "place", "aria-labelledby": "figures-place" },
      h("h2", { id: "figures-place" }, workspace.value?.name ?? t("shell.workspace")),
      h(
        "dl",
        { class: "figures" },
        h(Figure, { label: t("storage.used"), to: "storage", value: storage ? Math.round(storage.bytes / 1e5) / 10 : null, note: "MB" }),
        h(Figure, { label: t("overview.organizations"), value: organizations.value.length }),
        h(Figure, { label: t("overview.workspaces"), value: workspaces.value.length }),
      ),
    ),
  ];
}

const number = (/** @type {number | null} */ value) => (value === null ? "–" : value.toLocaleString());

/** @param {{ label: string, value: number | null, to?: string, note?: string }} properties */
function Figure({ label, value, to, note }) {
  return h(
    "div",
    {},
    h("dt", {}, to ? h("a", { href: addressOf({ ...place.value, section: to }), onClick: following(() => go({ section: to })) }, label) : label),
    h("dd", {}, number(value), note && h("small", {}, ` ${note}`)),
  );
}
