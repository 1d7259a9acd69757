/** One box that finds messages, files, people, chats, boards and pages. */

import { isComposed } from "../../lib/keyboard.js";
import { call } from "../../lib/session.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { PaneHeader } from "../shell/header.js";
import { Icon } from "../shell/icons.js";
import { go, openPane, place } from "../shell/router.js";
import { t } from "../words/words.js";
import { sayProblem } from "../dialogs/problems.js";
import { Line } from "./line.js";
import { More, useFetched } from "./loading.js";
import { OtherResults, marked } from "./search_others.js";
import { partsOf, queryOf, withFilter, withoutBackticks } from "./search_query.js";

const AMOUNT = 20;
const OTHERS = /** @type {const} */ (["people", "chats", "boards", "pages", "files"]);

/** @param {{ chatId: number, of: string }} properties `of` is what is searched */
export function Search({ chatId, of }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const { words, filters } = partsOf(of);
  useEffect(() => {
    // What is being typed is newer than the address.
    if (input.current && document.activeElement !== input.current) input.current.value = words;
  }, [words]);
  const search = (/** @type {readonly string[]} */ next) => openPane("search", queryOf(input.current?.value ?? words, next));
  const onSubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const typed = partsOf(input.current?.value ?? "");
    if (input.current) input.current.value = typed.words;
    openPane("search", queryOf(typed.words, typed.filters.reduce(withFilter, filters)));
  };
  return [
    h(PaneHeader, { key: "header", title: t("panes.search") }),
    h(
      "form",
      { key: "form", class: "search-form", role: "search", onSubmit, onKeyDown: (/** @type {KeyboardEvent} */ event) => isComposed(event) && event.key === "Enter" && event.preventDefault() },
      h("input", { ref: input, type: "search", "data-first": true, dir: "auto", maxLength: 400, defaultValue: words, "aria-label": t("search.what"), placeholder: t("search.what"), autocomplete: "off" }),
      h("button", { class: "icon", "aria-label": t("search.go"), title: t("search.go") }, h(Icon, { name: "search" })),
    ),
    h(Filters, { key: "filters", chatId, filters, search }),
    of ? h(Results, { key: `results ${of}`, query: of, words }) : h("p", { key: "help", class: "notice" }, t("search.help")),
  ];
}

/** @param {{ chatId: number, filters: readonly string[], search: (filters: readonly string[]) => void }} properties */
function Filters({ chatId, filters, search }) {
  const model = useModel();
  const chat = model.about(chatId).value;
  const offered = [
    { filter: `in:${chatId}`, label: t("search.here") },
    { filter: "from:me", label: t("search.mine") },
    { filter: "mentions:me", label: t("search.mentions") },
    { filter: "has:file", label: t("search.files") },
    { filter: "has:image", label: t("search.images") },
    { filter: "has:link", label: t("search.links") },
    { filter: "is:pinned", label: t("search.pinned") },
  ];
  const labelOf = (/** @type {string} */ filter) => offered.find((one) => one.filter === filter)?.label ?? filter;
  const day = (/** @type {"after" | "before"} */ kind, /** @type {string} */ label) => {
    const now = filters.find((one) => one.startsWith(`${kind}:`))?.slice(kind.length + 1) ?? "";
    const onChange = (/** @type {any} */ { currentTarget: { value } }) => search(value ? withFilter(filters, `${kind}:${value}`) : filters.filter((one) => !one.startsWith(`${kind}:`)));
    return h("label", { class: "day" }, h("span", {}, label), h("input", { type: "date", value: now, onChange }));
  };
  return h(
    "details",
    { class: "filters", open: filters.length > 0 },
    h("summary", {}, h(Icon, { name: "chevron" }), t("search.filters"), filters.length > 0 && ` (${filters.length})`),
    h(
      "div",
      { class: "chips" },
      filters.map((filter) =>
        h("button", { key: filter, type: "button", class: "chip on", "aria-label": t("search.remove", { filter: labelOf(filter) }), onClick: () => search(filters.filter((one) => one !== filter)) }, labelOf(filter), h(Icon, { name: "close" })),
      ),
      offered.filter(({ filter }) => !filters.includes(filter) && (chat || !filter.startsWith("in:"))).map(({ filter, label }) =>
        h("button", { key: filter, type: "button", class: "chip", onClick: () => search(withFilter(filters, filter)) }, label)),
      day("after", t("search.after")),
      day("before", t("search.before")),
    ),
  );
}

/** @param {{ query: string, words: string }} properties */
function Results({ query, words }) {
  const fetch = (/** @type {number} */ before = 0) =>
    call("GET", `/search?${new URLSearchParams({ q: query, limit: String(AMOUNT), ...(before > 0 && { before_id: String(before) }) })}`);
  const { found, problem, isLoading, change } = useFetched(() => fetch(), [query]);
  const isEnd = useSignal(false);
  const more = async () => {
    const next = await fetch(found.items.at(-1).message.id);
    isEnd.value = next.items.length < AMOUNT;
    change((now) => ({ ...now, items: [...now.items, ...next.items] }));
  };
  const items = /** @type {any[]} */ (found?.items ?? []);
  const correct = (/** @type {string} */ other) => openPane("search", other);
  return h(
    "div",
    { class: "scrolls", "aria-busy": isLoading },
    h("p", { class: "unseen", role: "status" }, found ? t("search.found", { n: items.length }) : ""),
    problem && h(Refused, { problem, query }),
    found?.did_you_mean && h("p", { class: "notice" }, t(items.length ? "search.meant" : "search.mean"), " ", h("button", { type: "button", class: "as-link", dir: "auto", onClick: () => correct(found.did_you_mean) }, found.did_you_mean)),
    found?.complete === false && h("p", { class: "notice" }, t("search.incomplete")),
    words && OTHERS.map((kind) => h(OtherResults, { key: kind, kind, words })),
    h("h3", {}, t("search.messages")),
    found && !items.length && h("p", { class: "notice" }, t("search.none")),
    h("ul", { class: "lines", "aria-label": t("search.messages") },
      items.map(({ message, snippet }) => h(Line, { key: message.id, message, showsChat: true, text: snippet.length ? marked(withoutBackticks(snippet)) : undefined, open: () => go({ chatId: message.chat_id, messageId: message.id, pane: place.value.pane }) }))),
    h(More, { more: items.length >= AMOUNT && !isEnd.value ? more : null }),
  );
}

/** What is wrong with a query, and where. @param {{ problem: any, query: string }} properties */
function Refused({ problem, query }) {
  const position = problem.told?.position;
  if (problem.status !== 400 || position === undefined) return h("p", { class: "failure notice", role: "alert" }, sayProblem(problem));
  const signs = [...query];
  return h(
    "p",
    { class: "failure notice", role: "alert" },
    t("search.wrong"), " ", problem.message, " ",
    h("span", { class: "wrong", dir: "auto" }, signs.slice(0, position).join(""), h("mark", {}, signs.slice(position).join("") || "…")),
  );
}
