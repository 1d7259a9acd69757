/** Keys of the whole page: regions, the next unread chat, the switcher. Keys in a text belong to the text. */

import { openDialog } from "../dialogs/dialogs.js";
import { isUnread, sorted } from "./chats.js";
import { isNarrow } from "./narrow.js";
import { openChat, place } from "./router.js";
import { workspaceId } from "./workspaces.js";

const FOCUSABLE = "a[href]:not([tabindex='-1']), button:not(:disabled):not([tabindex='-1']), input, textarea, [contenteditable=true], [tabindex='0']";

/** @param {import("./context.js").Model} model */
export function listenForKeys(model) {
  const heard = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "F6" && !document.querySelector("dialog[open]")) moveBetweenRegions(event.shiftKey);
    else if (control && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") openDialog("switcher");
    else if (control && !event.altKey && event.key === "/") openDialog("keys");
    else if (event.altKey && !control && (event.key === "ArrowUp" || event.key === "ArrowDown")) nextChat(model, event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}

/** @param {boolean} back */
function moveBetweenRegions(back) {
  const regions = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-region]")]).filter((one) => one.getClientRects().length > 0);
  const here = regions.findIndex((one) => one.contains(document.activeElement));
  const to = back ? (here <= 0 ? regions.length : here) - 1 : (here + 1) % regions.length;
  if (regions[to]) enter(regions[to]);
}

/** Where one is in a region: in the text of the composer, at the row of the open chat, else at its beginning. @param {HTMLElement} region */
function enter(region) {
  const wanted = region.querySelector("textarea, [contenteditable=true]") ?? region.querySelector("[aria-current=page]");
  const target = region.tabIndex === -1 && region.hasAttribute("tabindex") ? region : (wanted ?? region.querySelector(FOCUSABLE));
  /** @type {HTMLElement | null} */ (target)?.focus();
}

/**
 * On a phone the keyboard would cover what one has come to read, so nothing is focused there.
 *
 * @param {string} region
 * @param {{ unlessNarrow?: boolean }} [how]
 */
export function focusOn(region, { unlessNarrow = false } = {}) {
  if (unlessNarrow && (isNarrow.peek() || matchMedia("(pointer: coarse)").matches)) return;
  if (document.querySelector("dialog[open]")) return;
  const found = document.querySelector(`[data-region=${region}]`);
  if (found instanceof HTMLElement) enter(found);
}

/** The chat after or before the open one, as the sidebar has them; with `unread` the next one that has something new. @param {import("./context.js").Model} model  @param {1 | -1} step  @param {boolean} unread */
function nextChat(model, step, unread) {
  const { direct, channels } = sorted(model.chats.value.values(), workspaceId.value);
  const all = [...direct, ...channels];
  const here = all.findIndex(({ id }) => id === place.value.chatId);
  for (let steps = 1; steps <= all.length; steps++) {
    const chat = all.at((here + step * steps + 2 * all.length) % all.length);
    if (chat && (!unread || isUnread(chat))) return openChat(chat.id);
  }
}
