/** Why somebody may do something, or may not: the memberships and bindings that permit it. */

import { h, useSignal } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { useNames, useOrganizationNames } from "../kit/names.js";
import { PersonPicker, usePeople } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { scopeOf, subjectOf } from "./role_subjects.js";

const PLACES = /** @type {Record<string, "organization_id" | "workspace_id" | "chat_id" | "page_id">} */ ({ organization: "organization_id", workspace: "workspace_id", chat: "chat_id", document: "page_id" });

/** @param {{ organization: { id: number }, about: import("./role_subjects.js").About }} properties */
export function Explain({ organization, about }) {
  const { api } = useAdmin();
  const asked = useSignal({ permission: "organization.read_directory", place: "" });
  const person = useSignal(/** @type {import("../kit/person_picker.js").Found | null} */ (null));
  const search = usePeople(organization.id);
  const told = useSignal(/** @type {any} */ (null));
  const sources = /** @type {any[]} */ (told.value?.sources ?? []);
  const nameOf = useNames(useOrganizationNames(organization.id), sources.map(({ binding }) => binding?.user_id));
  const { busy, failure, act } = useActing();
  const kind = about.permissions.find(({ name }) => name === asked.value.permission)?.kind ?? "organization";
  const set = (/** @type {string} */ name) => (/** @type {any} */ { target }) => {
    asked.value = { ...asked.value, [name]: target.value, ...(name === "permission" && { place: "" }) };
    told.value = null;
  };
  const choose = (/** @type {import("../kit/person_picker.js").Found | null} */ one) => {
    person.value = one;
    told.value = null;
  };
  const ask = (/** @type {Event} */ event) => {
    event.preventDefault();
    const { permission, place } = asked.value;
    const at = kind === "organization" ? organization.id : Number(place);
    void act(async () => {
      told.value = await api.roles.explain({ permission, user_id: Number(person.value?.id), [PLACES[kind]]: at });
    });
  };
  return h(
    "section",
    { class: "panel", "aria-labelledby": "roles-explain" },
    h("h2", { id: "roles-explain" }, t("explain.title")),
    h(
      "form",
      { class: "bar", onSubmit: ask },
      h(PersonPicker, { label: t("explain.who"), search, chosen: person.value, onChange: choose }),
      h("label", { class: "field grows" }, h("span", {}, t("explain.what")), h("select", { value: asked.value.permission, onChange: set("permission") }, about.permissions.map(({ name }) => h("option", { key: name, value: name }, name)))),
      kind === "workspace" && h("label", { class: "field" }, h("span", {}, t("shell.workspace")), h("select", { value: asked.value.place, required: true, onChange: set("place") }, h("option", { value: "" }, "–"), about.workspaces.map(({ workspace_id, name }) => h("option", { key: workspace_id, value: workspace_id }, name)))),
      (kind === "chat" || kind === "document") && h("label", { class: "field" }, h("span", {}, t(kind === "chat" ? "explain.chat" : "explain.page")), h("input", { value: asked.value.place, required: true, inputMode: "numeric", pattern: "[0-9]{1,18}", onInput: set("place") })),
      h("button", { class: "outlined", disabled: busy || !person.value }, t("explain.ask")),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    h("div", { role: "status" }, told.value && h(Answer, { told: told.value, about, nameOf })),
  );
}

/** @param {{ told: any, about: import("./role_subjects.js").About, nameOf: (id: number) => string }} properties */
function Answer({ told, about, nameOf }) {
  return [
    h("p", { key: "answer" }, h("span", { class: told.allowed ? "tag good" : "tag bad" }, t(told.allowed ? "explain.yes" : "explain.no"))),
    h(
      "ul",
      { key: "sources", class: "cards lined" },
      told.sources.map((/** @type {any} */ { source, role, binding }, /** @type {number} */ at) =>
        h("li", { key: at }, h("span", { class: "text" }, h("strong", { dir: "auto" }, role), h("small", { dir: "auto" }, source === "membership" || !binding ? t("explain.membership") : t("explain.binding", { who: subjectOf(binding, about, nameOf), where: scopeOf(binding, about) })))),
      ),
    ),
    told.refusal && h("p", { key: "refusal" }, h("code", {}, told.refusal.code), ` ${told.refusal.detail}`),
    !told.allowed && told.sources.length === 0 && !told.refusal && h("p", { key: "none", class: "none" }, t("explain.nothing")),
  ];
}
