/** Chooses one person of an organisation, by name, user name, department, position, pinyin or initials: the server finds them. */

import { Listbox } from "../../chat/dialogs/listbox.js";
import { Avatar } from "../../chat/shell/person.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @typedef {{ id: number, fullname: string, username: string }} Found */

/** @param {{ label: string, search: (typed: string) => Promise<Found[]>, chosen: Found | null, onChange: (chosen: Found | null) => void, hint?: string }} properties */
export function PersonPicker({ label, search, chosen, onChange, hint }) {
  const typed = useSignal("");
  // With what was typed: what was found before stays in sight until the server has answered, and Enter takes none of it.
  const answer = useSignal(/** @type {{ typed: string, people: Found[] } | null} */ (null));
  useEffect(() => {
    const asked = typed.value;
    const show = (/** @type {Found[]} */ people) => asked === typed.peek() && (answer.value = { typed: asked, people });
    search(asked).then(show, () => show([]));
  }, [typed.value]);
  if (chosen) {
    return h("div", { class: "field" }, h("span", {}, label), h("ul", { class: "chosen", "aria-label": label }, h("li", {}, h("button", { type: "button", "aria-label": t("picker.other", { name: chosen.fullname }), onClick: () => onChange(null) }, chosen.fullname, " ✕"))));
  }
  const isNew = answer.value?.typed === typed.value;
  const items = (answer.value?.people ?? []).map((one) => ({ key: `person:${one.id}`, name: one.fullname, of: one }));
  return h(
    "div",
    { class: "field" },
    h("span", { "aria-hidden": "true" }, label),
    h(Listbox, {
      label, typed: typed.value, onType: (text) => (typed.value = text), items, isOld: !isNew, take: ({ of }) => onChange(of), none: !isNew ? t("lists.loading") : typed.value.trim() ? t("picker.none") : "", placeholder: hint ?? t("picker.hint"),
      sign: ({ of }) => h("span", { class: "sign" }, h(Avatar, { id: of.id, fullname: of.fullname, size: "small" })),
      note: ({ of }) => h("small", {}, `@${of.username}`),
    }),
  );
}

/** A search of an organisation's directory. @param {number} organizationId */
export function useDirectory(organizationId) {
  const admin = useAdmin();
  return (/** @type {string} */ q) => /** @type {Promise<any[]>} */ (admin.api.organizations.people(organizationId, { q: q.trim(), limit: 20 }).page());
}

/** A search of all people of an organisation, as its admins have them. @param {number} organizationId */
export function usePeople(organizationId) {
  const { api } = useAdmin();
  return async (/** @type {string} */ q) => (await api.organizations.members(organizationId, { q: q.trim(), limit: 20 }).page()).map(({ user_id: id, fullname, username }) => ({ id, fullname, username }));
}

/** A search of a workspace's members. @param {number} workspaceId */
export function useMembers(workspaceId) {
  const { api } = useAdmin();
  return async (/** @type {string} */ q) => (await api.workspaces.members(workspaceId, { q: q.trim(), limit: 20 }).page()).map(({ user_id: id, fullname, username }) => ({ id, fullname, username }));
}

/** A search of one's colleagues, who are in any of one's workspaces. */
export function useColleagues() {
  const { api } = useAdmin();
  return async (/** @type {string} */ typed) => {
    const q = typed.trim();
    return q ? (await api.search.people({ q, limit: 20 }).page()).map(({ id, fullname, username }) => ({ id, fullname, username })) : [];
  };
}
