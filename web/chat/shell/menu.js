/** A button with a menu, in the browser's top layer: Escape and clicks elsewhere close it, arrows move in it. */

import { h, useId, useRef } from "../../vendor/preact.js";
import { Icon } from "./icons.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {() => void} [act]
 * @property {string} [href] for what has an address
 * @property {import("./icons.js").IconName} [icon]
 * @property {boolean} [checked] for one of several choices
 * @property {string} [note] behind the label
 * @property {boolean} [bad] for what cannot be undone
 * @property {boolean} [begins] a line is drawn above it
 */

/** @param {{ label: string, items: Item[], button: any, class?: string, named?: boolean }} properties `named`: what the button shows is its name */
export function Menu({ label, items, button, class: more = "", named = false }) {
  const id = useId();
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const opener = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const close = () => list.current?.hidePopover();
  const onToggle = (/** @type {ToggleEvent} */ { newState }) => {
    opener.current?.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open" || !list.current || !opener.current) return;
    put(list.current, opener.current);
    /** @type {HTMLElement | null} */ (list.current.querySelector("[role^=menuitem]"))?.focus();
  };
  return [
    h(
      "button",
      {
        ref: opener, type: "button", class: more, popoverTarget: id, "aria-haspopup": "menu", "aria-expanded": "false",
        "aria-label": named ? undefined : label, title: label,
      },
      button,
    ),
    h("div", { ref: list, id, popover: "auto", class: "menu", role: "menu", "aria-label": label, onToggle, onKeyDown: moveIn }, items.map((item) => row(item, close))),
  ];
}

/** @param {Item} item  @param {() => void} close */
function row({ label, act, href, icon, checked, note, bad, begins }, close) {
  const choice = checked !== undefined;
  const onClick = () => {
    close();
    act?.();
  };
  const common = { key: label, class: `${bad ? "bad" : ""} ${begins ? "begins" : ""}`, role: choice ? "menuitemradio" : "menuitem", tabIndex: -1 };
  const inside = [
    h("span", { class: "sign" }, choice ? checked && h(Icon, { name: "check" }) : icon && h(Icon, { name: icon })),
    h("span", { class: "text", dir: "auto" }, label),
    note && h("small", {}, note),
  ];
  if (href) return h("a", { ...common, href, onClick: close }, inside);
  return h("button", { ...common, type: "button", "aria-checked": choice ? checked : undefined, onClick }, inside);
}

/** Below the button, or above it where there is more room, and inside of the window. @param {HTMLElement} list  @param {HTMLElement} button */
function put(list, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = at.bottom + 4 + height <= innerHeight || at.top < innerHeight - at.bottom;
  const right = at.left + width > innerWidth - 8 ? at.right - width : at.left;
  list.style.left = `${Math.max(8, Math.min(right, innerWidth - width - 8))}px`;
  list.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - 4 - height)}px`;
}

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
function moveIn(event) {
  const rows = /** @type {HTMLElement[]} */ ([...event.currentTarget.querySelectorAll("[role^=menuitem]")]);
  const here = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: (here + 1) % rows.length, ArrowUp: (here - 1 + rows.length) % rows.length, Home: 0, End: rows.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    rows[to].focus();
  } else if (event.key === "Tab") event.currentTarget.hidePopover();
  else if (event.key.length === 1 && event.key !== " ") {
    const found = [...rows.slice(here + 1), ...rows].find(({ textContent }) => textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
    found?.focus();
  }
}
