/** The directory from a CSV list: the file is chosen, what it would change is shown, and then it is done. */

import { Icon } from "../../chat/shell/icons.js";
import { h, useRef, useSignal } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @typedef {{ acts: { act: string, about: string }[], amount: number, applied: boolean, stopped: boolean }} Difference */

/** @param {{ organization: { id: number } }} properties */
export function ImportList({ organization }) {
  const { api } = useAdmin();
  const csv = useSignal("");
  const file = useSignal("");
  const difference = useSignal(/** @type {Difference | null} */ (null));
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const { busy, failure, act } = useActing();
  const forced = useSignal(false); // once it was shown how much would go
  const ask = (/** @type {boolean} */ apply) =>
    act(async () => {
      difference.value = await api.organizations.importList(organization.id, { csv: csv.value, apply, forced: forced.value });
      if (difference.value.applied && field.current) field.current.value = "";
    });
  const chosen = (/** @type {File | undefined} */ given) => {
    difference.value = null;
    forced.value = false;
    csv.value = "";
    file.value = given?.name ?? "";
    if (!given) return;
    void act(async () => {
      csv.value = await given.text();
      difference.value = await api.organizations.importList(organization.id, { csv: csv.value });
    });
  };
  const showAll = () => {
    forced.value = true;
    void ask(false);
  };
  const found = difference.value;
  return h(
    "section",
    {},
    h("p", {}, t("import.columns")),
    h("pre", { class: "setting-lines", tabIndex: 0, "aria-label": "CSV" }, "email,department,position,head,primary,manager\nada@example.com,Works / Mill,Engineer,yes,yes,\nbob@example.com,Works,,,,ada@example.com"),
    h("label", { class: "field" }, h("span", {}, t("import.file")), h("input", { ref: field, type: "file", accept: ".csv,text/csv", disabled: busy, onChange: (/** @type {any} */ { target }) => chosen(target.files[0]) }), h("small", {}, t("import.hint"))),
    h("p", { class: "failure lines", role: "alert" }, failure),
    h("p", { class: "hint", role: "status" }, busy ? t("import.compares") : found ? saidOf(found) : ""),
    found && found.acts.length > 0 && !found.stopped && h("div", { class: "table", role: "region", "aria-label": t("import.difference"), tabIndex: 0 }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("import.what")), h("th", { scope: "col" }, t("import.about")))), h("tbody", {}, found.acts.map(({ act: what, about }) => h("tr", { key: `${what} ${about}` }, h("th", { scope: "row" }, wordOf(what)), h("td", { dir: "auto" }, about)))))),
    found && !found.applied && !found.stopped && found.amount > 0 && h("div", { class: "acts start" }, h("button", { type: "button", class: "primary", disabled: busy, onClick: () => ask(true) }, h(Icon, { name: "check" }), t("import.apply", { file: file.value }))),
    found?.stopped && h("div", { class: "acts start" }, h("button", { type: "button", class: "outlined", disabled: busy, onClick: showAll }, t("import.showAll"))),
  );
}

/** @param {Difference} difference */
function saidOf({ acts, amount, applied, stopped }) {
  if (stopped) return `${t("import.stopped")} ${acts[0]?.about ?? ""}`;
  if (amount === 0) return t("import.nothing");
  return t(applied ? "import.applied" : acts.length < amount ? "import.wouldFirst" : "import.would", { n: amount, first: acts.length });
}

const ACTS = /** @type {const} */ ({
  "person without an account": "import.unknown", "person added": "import.added", "external id changed": "import.renamed", "department added": "import.department", "position added": "import.position",
  "appointment ended": "import.ended", "appointment changed": "import.changed", "appointment made": "import.made", "manager changed": "import.manager", "person removed": "import.removed", "department removed": "import.departmentRemoved",
});

/** @param {string} act */
const wordOf = (act) => t(ACTS[/** @type {keyof typeof ACTS} */ (act)]);
