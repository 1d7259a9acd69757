/** The pictures and files of a chat, the newest first. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { PaneHeader } from "../shell/header.js";
import { Icon } from "../shell/icons.js";
import { addressOf, following, go, place } from "../shell/router.js";
import { dayOf } from "../words/dates.js";
import { sizeInWords, t } from "../words/words.js";
import { Gallery, isMedia } from "./gallery.js";
import { Failure, More, Nothing, useFetched } from "./loading.js";

const AMOUNT = 40;
const ENOUGH = 12; // pictures to begin with, where there are so many
const MOST_PAGES = 5;

/** @typedef {{ file: Record<string, any>, message: Record<string, any> }} Item */

/** @param {{ chatId: number }} properties */
export function ChatFiles({ chatId }) {
  const kind = useSignal(/** @type {"media" | "file"} */ ("media"));
  const { found, problem, isLoading, change } = useFetched(() => fetchMore(chatId, { items: [], before: 0, hasMore: true }), [chatId]);
  const more = async () => {
    const next = found && (await fetchMore(chatId, found).catch(() => null));
    if (next) change((now) => (now === found ? next : now));
  };
  const items = (found?.items ?? []).filter(({ file }) => isMedia(file) === (kind.value === "media"));
  const choice = (/** @type {"media" | "file"} */ name, /** @type {string} */ label) =>
    h("button", { type: "button", class: "choice", "aria-pressed": kind.value === name, onClick: () => (kind.value = name) }, label);
  return [
    h(PaneHeader, { key: "header", title: t("panes.files") }),
    h("div", { key: "kinds", class: "choices-row", role: "group", "aria-label": t("files.kinds") }, choice("media", t("files.images")), choice("file", t("files.others"))),
    h(
      "div",
      { key: "list", class: "scrolls", "aria-busy": isLoading },
      h(Failure, { problem }),
      found && !items.length && !found.hasMore && h(Nothing, { icon: "file", text: t(kind.value === "media" ? "files.noImages" : "files.none") }),
      kind.value === "media" ? h(Gallery, { items, more: found?.hasMore ? more : undefined }) : h("ul", { class: "lines", "aria-label": t("files.others") }, items.map(document)),
      h(More, { more: found?.hasMore ? more : null }),
    ),
  ];
}

/** @typedef {{ items: Item[], before: number, hasMore: boolean }} Found */

/** What was found before, and what follows it. @param {number} chatId  @param {Found} found @returns {Promise<Found>} */
async function fetchMore(chatId, { items, before, hasMore }) {
  const all = [...items];
  for (let pages = 0; hasMore && pages < MOST_PAGES; pages += 1) {
    const query = new URLSearchParams({ q: `in:${chatId} has:file`, limit: String(AMOUNT), ...(before > 0 && { before_id: String(before) }) });
    const { items: hits } = await call("GET", `/search?${query}`);
    for (const { message } of hits) for (const file of message.files) all.push({ file, message });
    before = hits.at(-1)?.message.id ?? 0;
    hasMore = hits.length === AMOUNT;
    if (all.filter(({ file }) => isMedia(file)).length >= items.length + ENOUGH) break;
  }
  return { items: all, before, hasMore };
}

/** @param {Record<string, any>} message */
const wayTo = (message) => {
  const next = { chatId: message.chat_id, messageId: message.id, pane: place.value.pane };
  return { href: addressOf(next), onClick: following(() => go(next)) };
};

/** @param {Item} item */
const document = ({ file, message }) =>
  h(
    "li",
    { key: `${message.id}/${file.id}`, class: "line" },
    h("a", wayTo(message), h(Icon, { name: "file" }), h("span", { class: "about" }, h("strong", { dir: "auto" }, file.name), h("small", {}, `${sizeInWords(file.size)} · ${dayOf(message.created_at)}`))),
    h("a", { class: "button icon", href: `/api/files/${file.id}?download=true`, "aria-label": t("files.save", { name: file.name }), title: t("files.save", { name: file.name }) }, h(Icon, { name: "save" })),
  );
