/** The text of a message, drawn: tokens of the grammar as elements. What people write is only ever text. */

import { h, useState } from "../../vendor/preact.js";
import { languageTag, t } from "../words/words.js";
import { emojiIn, languageOf } from "./characters.js";
import { Code, languageNamed } from "./code.js";
import { parse } from "./grammar.js";
import { ownPlace } from "./links.js";

/**
 * What the text names, as the page knows it. Each returns null for what it does not know.
 *
 * @typedef {object} Places
 * @property {(name: string) => { href: string, name: string } | null} channel
 * @property {(name: string) => { src: string } | { text: string } | null} emoji a picture of the workspace, or a character
 * @property {(name: string) => { me: boolean, title: string } | null} person by user name, in small letters
 * @property {(place: NonNullable<ReturnType<typeof ownPlace>>) => string | null} own what a chat, board or page is called
 */

/** @typedef {import("./grammar.js").Block} Block */
/** @typedef {import("./grammar.js").Inline} Inline */

const BIG = 6; // emoji alone are big, up to this number
const KEPT = 400;
/** @type {Map<string, Block[]>} parsed texts, the newest last */
const parsed = new Map();

/**
 * The blocks of a text, parsed once for all who draw it.
 *
 * @param {string} text
 * @param {ReadonlySet<string>} mentioned
 */
export function blocksOf(text, mentioned) {
  const key = `${[...mentioned].join(" ")}\n${text}`;
  const found = parsed.get(key) ?? parse(text, mentioned);
  parsed.delete(key);
  parsed.set(key, found);
  if (parsed.size > KEPT) parsed.delete(/** @type {string} */ (parsed.keys().next().value));
  return found;
}

/** @param {{ text: string, mentioned: ReadonlySet<string>, places: Places }} props */
export function MessageText({ text, mentioned, places }) {
  const blocks = blocksOf(text, mentioned);
  const lang = languageOf(text, languageTag.value) ?? undefined;
  return h("div", { class: isBig(blocks, places) ? "message-text big" : "message-text", dir: "auto", lang }, drawBlocks(blocks, places));
}

/** Whether there are only a few emoji in it. @param {Block[]} blocks  @param {Places} places */
function isBig(blocks, places) {
  if (blocks.length !== 1 || blocks[0].type !== "paragraph") return false;
  let count = 0;
  for (const token of blocks[0].content) {
    if (token.type === "emoji" && places.emoji(token.name)) count += 1;
    else if (token.type !== "text") return false;
    else if (token.text.trim()) {
      const found = emojiIn(token.text, BIG);
      if (!found) return false;
      count += found;
    }
  }
  return count > 0 && count <= BIG;
}

/** @param {Block[]} blocks  @param {Places} places @returns {any[]} */
function drawBlocks(blocks, places) {
  return blocks.map((block) => {
    if (block.type === "paragraph") return h("p", {}, draw(block.content, places));
    if (block.type === "quote") return h("blockquote", {}, drawBlocks(block.blocks, places));
    if (block.type === "fence") return h(Code, { code: block.text, language: languageNamed(block.language) });
    const ordered = /\d/.test(block.items[0].marker);
    const items = block.items.map(({ marker, blocks: inside }) =>
      h("li", ordered ? { value: Number.parseInt(marker, 10) } : {}, drawBlocks(inside, places)),
    );
    return h(ordered ? "ol" : "ul", {}, items);
  });
}

const STYLES = { bold: "strong", italic: "em", strike: "s" };

/** @param {Inline[]} tokens  @param {Places} places @returns {any[]} */
function draw(tokens, places) {
  return tokens.map((token) => {
    switch (token.type) {
      case "text":
        return token.text;
      case "code":
        return h("code", {}, token.text);
      case "spoiler":
        return h(Spoiler, {}, draw(token.content, places));
      case "link":
        return h(Link, { href: token.href, content: token.content, places });
      case "mention":
        return mention(token.name, token.text, places);
      case "channel": {
        const found = places.channel(token.name);
        return found ? h("a", { class: "channel", href: found.href }, `#${found.name}`) : token.text;
      }
      case "emoji":
        return emoji(token.name, token.text, places);
      default:
        return h(STYLES[token.type], {}, draw(token.content, places));
    }
  });
}

/** @param {string} name  @param {string} text  @param {Places} places */
function mention(name, text, places) {
  if (name === "all" || name === "here") return h("span", { class: "mention mine" }, text);
  const person = places.person(name);
  return h("span", { class: person?.me ? "mention mine" : "mention", title: person?.title }, text);
}

/** @param {string} name  @param {string} text  @param {Places} places */
function emoji(name, text, places) {
  const found = places.emoji(name);
  if (!found) return text;
  if ("text" in found) return h("span", { title: text }, found.text);
  return h("img", { class: "emoji", src: found.src, alt: text, title: text, draggable: false });
}

/** @param {{ href: string, content: Inline[], places: Places }} props */
function Link({ href, content, places }) {
  const place = ownPlace(href, globalThis.location.origin);
  if (!place) return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, draw(content, places));
  const own = new URL(href, globalThis.location.origin);
  const [first] = content;
  const bare = content.length === 1 && first.type === "text" && /^https?:/i.test(first.text);
  const name = bare ? places.own(place) : null;
  return h("a", { href: own.pathname + own.search, class: name ? "own" : undefined, title: name ? own.href : undefined }, name ?? draw(content, places));
}

/** Hidden until it is pressed. @param {{ children?: any }} props */
function Spoiler({ children }) {
  const [shown, setShown] = useState(false);
  if (shown) return h("span", { class: "spoiler shown" }, children);
  const show = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    setShown(true);
  };
  return h(
    "span",
    {
      class: "spoiler",
      role: "button",
      tabIndex: 0,
      "aria-label": t("text.spoiler"),
      onClickCapture: show,
      onKeyDown: (/** @type {KeyboardEvent} */ event) => (event.key === "Enter" || event.key === " ") && show(event),
    },
    h("span", { "aria-hidden": "true" }, children),
  );
}
