/** The pictures and files of a chat, the newest first. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { PaneHeader } from "../shell/header.js";
import { Icon } from "../shell/icons.js";
import { addressOf, following, go, place } from "../shell/router.js";
import { Image, previewOf, sizeInWords } from "../timeline/files.js";
import { dayOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { Failure, More, useFetched } from "./loading.js";

const AMOUNT = 40;

/** @typedef {{ file: Record<string, any>, message: Record<string, any> }} Item */

/** @param {{ chatId: number }} properties */
export function ChatFiles({ chatId }) {
  const kind = useSignal(/** @type {"image" | "file"} */ ("image"));
  const fetch = async (/** @type {number} */ before = 0) => {
    const query = new URLSearchParams({ q: `in:${chatId} has:${kind.peek()}`, limit: String(AMOUNT), ...(before > 0 && { before_id: String(before) }) });
    const { items } = await call("GET", `/search?${query}`);
    return /** @type {Record<string, any>[]} */ (items.map((/** @type {any} */ { message }) => message));
  };
  const { found, problem, isLoading, change } = useFetched(async () => {
    const messages = await fetch();
    return { messages, hasMore: messages.length === AMOUNT };
  }, [chatId, kind.value]);
  const more = async () => {
    const messages = await fetch(found?.messages.at(-1)?.id);
    change((now) => ({ messages: [...now.messages, ...messages], hasMore: messages.length === AMOUNT }));
  };
  const isImage = (/** @type {Record<string, any>} */ file) => file.type.startsWith("image/");
  const items = (found?.messages ?? []).flatMap((message) => message.files.map((/** @type {any} */ file) => ({ file, message })));
  const shown = /** @type {Item[]} */ (items.filter(({ file }) => isImage(file) === (kind.value === "image")));
  const choice = (/** @type {"image" | "file"} */ name, /** @type {string} */ label) =>
    h("button", { type: "button", class: "choice", "aria-pressed": kind.value === name, onClick: () => (kind.value = name) }, label);
  return [
    h(PaneHeader, { key: "header", title: t("panes.files") }),
    h("div", { key: "kinds", class: "choices-row", role: "group", "aria-label": t("files.kinds") }, choice("image", t("files.images")), choice("file", t("files.others"))),
    h(
      "div",
      { key: "list", class: "scrolls", "aria-busy": isLoading },
      h(Failure, { problem }),
      found && !shown.length && !found.hasMore && h("p", { class: "notice" }, t("files.none")),
      kind.value === "image" ? h("ul", { class: "gallery", "aria-label": t("files.images") }, shown.map(picture)) : h("ul", { class: "lines", "aria-label": t("files.others") }, shown.map(document)),
      h(More, { more: found?.hasMore ? more : null }),
    ),
  ];
}

/** @param {Record<string, any>} message */
const wayTo = (message) => {
  const next = { chatId: message.chat_id, messageId: message.id, pane: place.value.pane };
  return { href: addressOf(next), onClick: following(() => go(next)) };
};

/** @param {Item} item */
const picture = ({ file, message }) =>
  h("li", { key: `${message.id}/${file.id}` }, h("a", { ...wayTo(message), "aria-label": `${file.name}, ${dayOf(message.created_at)}` }, h(Image, { src: previewOf(file, "thumbnail"), alt: "" })));

/** @param {Item} item */
const document = ({ file, message }) =>
  h(
    "li",
    { key: `${message.id}/${file.id}`, class: "line" },
    h("a", wayTo(message), h(Icon, { name: "file" }), h("span", { class: "about" }, h("strong", { dir: "auto" }, file.name), h("small", {}, `${sizeInWords(file.size)} · ${dayOf(message.created_at)}`))),
    h("a", { class: "button icon", href: `/api/files/${file.id}?download=true`, "aria-label": t("files.save", { name: file.name }), title: t("files.save", { name: file.name }) }, h(Icon, { name: "save" })),
  );
