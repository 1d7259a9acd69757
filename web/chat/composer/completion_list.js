/** The list of completions above the field. The focus stays in the field, which says which of them is meant. */

import { h, useEffect, useRef } from "../../vendor/preact.js";
import { Avatar } from "../shell/person.js";

/** @param {{ id: string, label: string, items: import("./suggestions.js").Suggestion[], active: number, choose: (at: number) => void }} properties */
export function CompletionList({ id, label, items, active, choose }) {
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active, items]);
  return h(
    "ul",
    { ref: list, id, class: "completions", role: "listbox", "aria-label": label },
    items.map(({ key, label: text, note, sign, person, picture }, at) =>
      h(
        "li",
        {
          key, id: optionId(id, at), role: "option", "aria-selected": at === active,
          // Not a click, before which the field would lose the focus.
          onPointerDown: (/** @type {PointerEvent} */ event) => {
            event.preventDefault();
            choose(at);
          },
        },
        person ? h(Avatar, { ...person, size: "small" }) : h("span", { class: "sign", "aria-hidden": "true" }, picture ? h("img", { src: picture, alt: "" }) : sign),
        h("span", { class: "label", dir: "auto" }, text),
        note && h("small", { dir: "auto" }, note),
      ),
    ),
  );
}

/** @param {string} list  @param {number} at */
export const optionId = (list, at) => `${list}-${at}`;
