/** What a search finds besides messages: people, chats, boards and files by their names, and pages by what they say too. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { Icon } from "../shell/icons.js";
import { Avatar } from "../shell/person.js";
import { addressOf, following, go, place } from "../shell/router.js";
import { sizeInWords, t } from "../words/words.js";
import { useFetched } from "./loading.js";
import { pieces } from "./search_query.js";

const FEW = 3;
const MOST = 50;
const TITLES = /** @type {const} */ ({ people: "search.people", chats: "search.chats", boards: "search.boards", pages: "search.pages", files: "search.fileNames" });

/** @param {{ text: string, match: boolean }[]} found */
export const marked = (found) => found.map(({ text, match }, at) => (match ? h("mark", { key: at }, text) : text));

/** @param {{ kind: keyof typeof TITLES, words: string }} properties */
export function OtherResults({ kind, words }) {
  const model = useModel();
  const all = useSignal(false);
  const { found } = useFetched(() => call("GET", `/search/${kind}?${new URLSearchParams({ q: words, limit: String(MOST) })}`), [kind, words]);
  if (!found?.length) return null;
  const shown = all.value ? found : found.slice(0, FEW);
  return h(
    "section",
    { "aria-label": t(TITLES[kind]) },
    h("h3", {}, t(TITLES[kind])),
    h("ul", { class: "lines" }, shown.map((/** @type {any} */ one) => h("li", { key: one.id ?? (one.file ?? one.page).id, class: "line" }, entryOf(kind, one, words, model)))),
    found.length > shown.length && h("button", { type: "button", class: "outlined more", onClick: () => (all.value = true) }, t("search.all", { n: found.length })),
  );
}

/** @param {keyof typeof TITLES} kind  @param {any} one  @param {string} words  @param {import("../shell/context.js").Model} model */
function entryOf(kind, one, words, model) {
  const name = (/** @type {string} */ text) => h("strong", { dir: "auto" }, marked(pieces(text, words)));
  const { pane } = place.value;
  if (kind === "people") {
    const act = () => openDialog("profile", { userId: one.id });
    return h("button", { type: "button", onClick: act }, h(Avatar, { id: one.id, fullname: one.fullname, avatar: one.avatar }), h("span", { class: "about" }, name(one.fullname), h("small", {}, `@${one.username}`)));
  }
  if (kind === "chats") {
    const next = { chatId: one.id, pane };
    return h("a", { href: addressOf(next), onClick: following(() => go(next)) }, h(Icon, { name: "hash" }), h("span", { class: "about" }, name(nameOf(one, model))));
  }
  if (kind === "boards") return h("a", { href: `/board/${one.id}` }, h(Icon, { name: "board" }), h("span", { class: "about" }, name(one.name)));
  if (kind === "pages") {
    const said = one.passages[0]?.snippet;
    return h("a", { href: `/page/${one.page.id}` }, h(Icon, { name: "page" }), h("span", { class: "about" }, name(one.page.name), said && h("span", { class: "text", dir: "auto" }, marked(said))));
  }
  const about = h("span", { class: "about" }, name(one.file.name), h("small", {}, sizeInWords(one.file.size)));
  if (!one.message_id) return h("a", { href: one.board_id ? `/board/${one.board_id}` : `/page/${one.page_id}` }, h(Icon, { name: "file" }), about);
  const next = { chatId: one.chat_id, messageId: one.message_id, pane };
  return h("a", { href: addressOf(next), onClick: following(() => go(next)) }, h(Icon, { name: "file" }), about);
}
