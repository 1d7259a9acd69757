/** What a message links to, as cards: boards and pages of this server, and what the server has found on websites. */

import { h } from "../../vendor/preact.js";
import { parse } from "../text/grammar.js";
import { ownPlace, safeAddress } from "../text/links.js";
import { t } from "../words/words.js";
import { Image } from "./files.js";
import { Icon } from "../shell/icons.js";

const MOST = 3;

/** @typedef {import("../text/grammar.js").Block} Block */

/** The addresses in a text, in their order, each once. @param {string} text */
export function linksIn(text) {
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {any[]} tokens */
  const look = (tokens) => {
    for (const token of tokens) {
      if (token.type === "spoiler") continue; // a card would tell what is hidden
      if (token.type === "link") found.add(token.href);
      look(token.content ?? token.blocks ?? token.items ?? []);
    }
  };
  look(parse(text));
  return [...found];
}

/** @type {WeakMap<object, ReturnType<typeof ownPlace>[]>} */
const known = new WeakMap();

/** The boards and pages that a message links to. @param {Record<string, any>} message */
function documentsOf(message) {
  const places = known.get(message) ?? (/\/(?:board|page)\//.test(message.content) ? linksIn(message.content).map((href) => ownPlace(href, location.origin)) : []);
  known.set(message, places);
  return places.filter((place) => place && place.kind !== "chat").slice(0, MOST);
}

/** @param {{ message: Record<string, any>, model: import("../model/model.js").Model }} props */
export function Cards({ message, model }) {
  const documents = documentsOf(message).map((place) => {
    const { kind, id } = /** @type {NonNullable<ReturnType<typeof ownPlace>>} */ (place);
    const found = (kind === "board" ? model.boards : model.pages).value.get(id);
    if (!found) return null;
    return h(
      "a",
      { key: `${kind}${id}`, class: "card-of-document", href: `/${kind}/${id}`, target: "_blank", rel: "noopener" },
      h(Icon, { name: kind === "board" ? "board" : "page" }),
      h("strong", { dir: "auto" }, found.name),
      h("small", {}, kind === "board" ? t("timeline.board") : t("timeline.page")),
    );
  });
  const previews = (message.links ?? []).slice(0, MOST).map((/** @type {Record<string, any>} */ link) => preview(message, link));
  if (!documents.some(Boolean) && !previews.some(Boolean)) return null;
  return h("div", { class: "cards" }, documents, previews);
}

/** What a website says of itself (docs/links.md). @param {Record<string, any>} message  @param {Record<string, any>} link */
function preview({ chat_id, id }, { url, kind, id: linkId, title, description, site_name, image }) {
  const href = safeAddress(url);
  if (kind !== "website" || !href || !(title || description)) return null;
  return h(
    "a",
    { key: href, class: "preview", href, target: "_blank", rel: "noopener noreferrer nofollow" },
    h("small", { dir: "auto" }, site_name || new URL(href).host),
    title && h("strong", { dir: "auto" }, title),
    description && h("span", { dir: "auto" }, description),
    image && h("span", { class: "image" }, h(Image, { src: `/api/files/link-images/${chat_id}/${id}/${linkId}`, alt: "" })),
  );
}
