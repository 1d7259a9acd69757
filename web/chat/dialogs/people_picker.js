/** Chooses people of a workspace by name. */

import { list } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { Icon } from "../shell/icons.js";
import { Avatar } from "../shell/person.js";
import { t } from "../words/words.js";
import { Listbox } from "./listbox.js";
import { found, loadPinyin } from "../matching/matching.js";

/** @typedef {{ user_id: number, fullname: string, username: string }} Colleague */

/** @param {{ workspaceId: number, without: Set<number>, chosen: Colleague[], onChange: (chosen: Colleague[]) => void, label: string }} properties */
export function PeoplePicker({ workspaceId, without, chosen, onChange, label }) {
  const people = useSignal(/** @type {Colleague[] | null} */ (null));
  const typed = useSignal("");
  useEffect(() => {
    list(`/workspaces/${workspaceId}/members?limit=500`).then((all) => (people.value = all), () => (people.value = []));
    loadPinyin();
  }, [workspaceId]);
  const isChosen = (/** @type {{ of: Colleague }} */ { of }) => chosen.some(({ user_id: id }) => id === of.user_id);
  const items = (people.value ?? []).filter(({ user_id: id }) => !without.has(id)).map((one) => ({ key: `person:${one.user_id}`, name: one.fullname, also: one.username, of: one }));
  const take = (/** @type {{ of: Colleague }} */ item) => {
    onChange(isChosen(item) ? chosen.filter(({ user_id: id }) => id !== item.of.user_id) : [...chosen, item.of]);
    typed.value = "";
  };
  const none = people.value === null ? t("picker.loading") : items.length ? t("picker.none") : t("picker.alone");
  return h(
    "div",
    { class: "field" },
    h("span", { "aria-hidden": "true" }, label),
    chosen.length > 0 && h("ul", { class: "chosen", "aria-label": t("picker.chosen") }, chosen.map((one) => h("li", { key: one.user_id }, h("button", { type: "button", "aria-label": t("picker.remove", { name: one.fullname }), onClick: () => take({ of: one }) }, one.fullname, h(Icon, { name: "close" }))))),
    h(Listbox, {
      label, typed: typed.value, onType: (text) => (typed.value = text), items: found(items, typed.value).slice(0, 50), take, chosen: isChosen, none, placeholder: t("picker.hint"),
      sign: ({ of }) => h("span", { class: "sign" }, h(Avatar, { id: of.user_id, fullname: of.fullname, size: "small" })),
      note: ({ of }) => h("small", {}, `@${of.username}`),
    }),
  );
}
