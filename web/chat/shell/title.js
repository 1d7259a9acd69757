/** The tab's title and icon: what is open, and how many messages mean the reader. They come from the model, so hidden tabs have them too. */

import { effect, useEffect } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { calmed } from "./calm.js";
import { badgeOf, nameOf } from "./chats.js";
import { place } from "./router.js";

const ICON = "/pages/lib/icon.svg";
const ICON_WAITING = "/pages/lib/icon-waiting.svg";

let shownBadge = -1;

/** @param {import("./context.js").Model} model */
export function useTitle(model) {
  useEffect(() => showTitle(model), [model]);
}

/** At once, without a frame to be painted. @param {import("./context.js").Model} model @returns {() => void} ends it */
export function showTitle(model) {
  const { shown, stop } = calmed(model.chats);
  const end = effect(() => show(model, shown.value));
  return () => {
    end();
    stop();
  };
}

/** @param {import("./context.js").Model} model  @param {import("./context.js").Model["chats"]["value"]} chats */
function show(model, chats) {
  let waiting = 0;
  for (const chat of chats.values()) waiting += badgeOf(chat);
  const { chatId } = place.value;
  const chat = chatId === null ? undefined : model.about(chatId).value;
  const name = chat ? `${nameOf(chat, model)} · ` : "";
  document.title = `${waiting ? t("shell.waiting", { n: waiting }) : ""} ${name}Fechatter`.trim();
  if (waiting !== shownBadge) {
    shownBadge = waiting;
    /** @type {any} */ (navigator).setAppBadge?.(waiting).catch(() => {}); // of an installed page; pushes set it too (push_badge)
  }
  const link = document.querySelector("link[rel=icon]");
  const icon = waiting ? ICON_WAITING : ICON;
  if (link instanceof HTMLLinkElement && link.getAttribute("href") !== icon) link.setAttribute("href", icon);
}
