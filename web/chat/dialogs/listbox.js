/** A field with a list of results below it: arrows choose, Enter takes, the focus stays in the field. */

import { h, useEffect, useId, useRef, useSignal } from "../../vendor/preact.js";

/** What `of` is differs from list to list. @typedef {{ key: string, name: string, from?: number, to?: number } & Record<string, any>} Item */

/**
 * `isOld`: the items are those of what was typed before, so Enter takes none; whoever clicks on one means it.
 *
 * @param {{
 *   label: string, typed: string, onType: (typed: string) => void, items: Item[], take: (item: any) => void,
 *   sign: (item: any) => any, note?: (item: any) => any, chosen?: (item: any) => boolean, none: string, placeholder?: string, class?: string, isOld?: boolean,
 * }} properties
 */
export function Listbox({ label, typed, onType, items, take, sign, note, chosen, none, placeholder, class: more = "", isOld = false }) {
  const id = useId();
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  const at = useSignal(0);
  const here = Math.min(at.value, items.length - 1);
  useEffect(() => {
    at.value = 0;
  }, [typed]);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [here]);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229) return; // keys of an input method are its own
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) at.value = (here + step + items.length) % items.length;
    else if (event.key === "Enter" && items[here]) isOld || take(items[here]);
    else return;
    event.preventDefault();
  };
  return [
    h("input", {
      key: "field", type: "text", role: "combobox", class: more, "aria-label": label, "aria-expanded": true, "aria-controls": id, "aria-autocomplete": "list",
      "aria-activedescendant": items[here] ? `${id}-${here}` : undefined, autocomplete: "off", spellcheck: false, dir: "auto", autofocus: true,
      placeholder: placeholder ?? label, value: typed, onInput: (/** @type {any} */ { target }) => onType(target.value), onKeyDown,
    }),
    h(
      "ul",
      { key: "list", id, ref: list, class: "results", role: "listbox", "aria-label": label },
      items.map((item, index) =>
        h(
          "li",
          {
            key: item.key, id: `${id}-${index}`, class: "choice", role: "option", "aria-selected": index === here,
            onMouseMove: () => (at.value = index), onClick: () => take(item),
          },
          sign(item),
          h("span", { class: "text", dir: "auto" }, marked(item)),
          note?.(item),
          chosen?.(item) && h("span", { class: "tag" }, "✓"),
        ),
      ),
    ),
    items.length === 0 && none && h("p", { key: "none", class: "none", role: "status" }, none),
  ];
}

/** @param {{ name: string, from?: number, to?: number }} item */
function marked({ name, from = 0, to = 0 }) {
  return to > from ? [name.slice(0, from), h("mark", {}, name.slice(from, to)), name.slice(to)] : name;
}
