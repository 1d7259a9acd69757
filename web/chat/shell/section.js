/** A part of the sidebar that can be closed; what asks for attention in it stays. */

import { h, useId, useSignal } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { isUnread } from "./chats.js";
import { Icon, IconButton } from "./icons.js";
import { place } from "./router.js";

const CLOSED = "fechatter.closed-sections";
const AT_FIRST = 60; // rows that are drawn before one asks for all

/** @returns {Set<string>} */
const closedSections = () => new Set((localStorage.getItem(CLOSED) ?? "boards,pages").split(",").filter(Boolean));

/**
 * @param {{ name: string, title: string, items: any[], row: (item: any) => any, none: any, add: { label: string, act: () => void }, all?: { href: string, label: string } }} properties
 */
export function Section({ name, title, items, row, none, add, all }) {
  const id = useId();
  const closed = useSignal(closedSections().has(name));
  const whole = useSignal(false);
  const { chatId } = place.value;
  const shown = closed.value ? items.filter((item) => item.id === chatId || ("unread" in item && isUnread(item))) : items;
  const drawn = whole.value ? shown : shown.slice(0, AT_FIRST);
  const toggle = () => {
    closed.value = !closed.value;
    const names = closedSections();
    if (closed.value) names.add(name);
    else names.delete(name);
    localStorage.setItem(CLOSED, [...names].join(","));
  };
  return h(
    "section",
    { class: `section ${closed.value ? "closed" : ""}`, "aria-labelledby": id },
    h(
      "div",
      { class: "section-head" },
      h("h2", { id }, h("button", { type: "button", "aria-expanded": !closed.value, onClick: toggle }, h(Icon, { name: "chevron" }), title)),
      h(IconButton, { name: "plus", label: add.label, onClick: add.act }),
    ),
    drawn.length > 0 && h("ul", {}, drawn.map((item) => h("li", { key: item.id }, row(item)))),
    !closed.value && items.length === 0 && h("p", { class: "none" }, none),
    drawn.length < shown.length && h("button", { type: "button", class: "all", onClick: () => (whole.value = true) }, t("sidebar.showAll", { n: shown.length })),
    all && !closed.value && items.length > 0 && h("a", { class: "all button", href: all.href }, all.label),
  );
}
