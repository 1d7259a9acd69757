/**
 * Where the page is: `/`, `/chat/{id}` or `/chat/{id}/{message}`, and the pane beside it, `?pane=thread:12`. Every move is
 * an entry of the browser's history, so that Back works, and every address can be opened in a new tab.
 */

import { signal } from "../../vendor/preact.js";

/** @typedef {{ chatId: number | null, messageId: number | null, pane: { name: string, of: string } | null }} Place */

/** @param {URL | Location} address @returns {Place} */
export function placeOf({ pathname, search }) {
  const [, chat, message] = pathname.match(/^\/chat\/(\d+)(?:\/(\d+))?$/) ?? [];
  const [name, of = ""] = (new URLSearchParams(search).get("pane") ?? "").split(/:(.*)/s);
  return { chatId: chat ? Number(chat) : null, messageId: message ? Number(message) : null, pane: name ? { name, of } : null };
}

/** @param {Partial<Place>} place */
export function addressOf({ chatId = null, messageId = null, pane = null }) {
  const path = chatId === null ? "/" : `/chat/${chatId}${messageId === null ? "" : `/${messageId}`}`;
  return pane ? `${path}?${new URLSearchParams({ pane: pane.of ? `${pane.name}:${pane.of}` : pane.name })}` : path;
}

export const place = signal(placeOf(location));

addEventListener("popstate", () => {
  place.value = placeOf(location);
});

/** @param {Partial<Place>} next  @param {{ replace?: boolean }} [how] */
export function go(next, { replace = false } = {}) {
  const address = addressOf(next);
  if (replace) history.replaceState(null, "", address);
  else if (address !== location.pathname + location.search) history.pushState(null, "", address);
  place.value = placeOf(location);
}

/** @param {number} chatId  @param {number | null} [messageId] */
export const openChat = (chatId, messageId = null) => go({ chatId, messageId });

/** @param {string} name  @param {string | number} [of] */
export const openPane = (name, of = "") => go({ ...place.value, pane: { name, of: String(of) } });

export const closePane = () => go({ ...place.value, pane: null });

/** For links: a plain click stays in the page, others do what the browser does. @param {() => void} act */
export function following(act) {
  return (/** @type {MouseEvent} */ event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    act();
  };
}

const LAST = "fechatter.last-chat";

/** What `/` opens next time. @param {number} chatId */
export const rememberChat = (chatId) => localStorage.setItem(LAST, String(chatId));

export const lastChat = () => Number(localStorage.getItem(LAST));
