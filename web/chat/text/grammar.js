/**
 * The grammar of messages: a subset of Markdown, which takes East Asian text as it is written. A text becomes plain tokens
 * in linear time; `message_text.js` draws them.
 *
 * Blocks: paragraphs (a line break is one), quotes, lists, fenced code. What Markdown has besides, such as headings, tables,
 * pictures and HTML, is text.
 */

import { inline } from "./inline.js";

/**
 * @typedef {{ type: "text", text: string }
 *   | { type: "code", text: string }
 *   | { type: "bold" | "italic" | "strike" | "spoiler", content: Inline[] }
 *   | { type: "link", href: string, content: Inline[] }
 *   | { type: "mention", name: string, text: string }
 *   | { type: "channel", name: string, text: string }
 *   | { type: "emoji", name: string, text: string }} Inline `text` is what was typed
 *
 * @typedef {{ type: "paragraph", content: Inline[] }
 *   | { type: "quote", blocks: Block[] }
 *   | { type: "list", items: Item[] }
 *   | { type: "fence", language: string, text: string }} Block
 *
 * @typedef {{ marker: string, blocks: Block[] }} Item `marker` as it was typed: "-", "7."
 */

const DEEPEST = 9; // as quotes are in the rule of mentions
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const FENCE_END = /^ {0,3}(`{3,}|~{3,})[ \t]*$/;
const QUOTE = /^ {0,3}>(?=[ \t>]|$)[ \t]?/;
const ITEM = /^([ \t]*)([-+*]|[0-9]{1,9}[.)])[ \t]+(?=\S)/;
const BREAK = /^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$/;
const BLANK = /^\s*$/;

/**
 * The blocks of a message.
 *
 * @param {string} text
 * @param {ReadonlySet<string>} [mentioned] the names that are mentions, in small letters; "all" and "here" among them
 * @returns {Block[]}
 */
export function parse(text, mentioned = new Set()) {
  return blocks(text.replaceAll("\r", "").split("\n"), mentioned, 0);
}

/** @param {string[]} lines  @param {ReadonlySet<string>} mentioned  @param {number} depth  @returns {Block[]} */
function blocks(lines, mentioned, depth) {
  /** @type {Block[]} */
  const found = [];
  /** @type {string[]} */
  let paragraph = [];
  const endParagraph = () => {
    if (paragraph.length) found.push({ type: "paragraph", content: inline(paragraph.join("\n"), mentioned) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; ) {
    const block = BLANK.test(lines[at]) ? { end: at + 1, block: null } : blockAt(lines, at, mentioned, depth);
    if (!block) {
      paragraph.push(lines[at]);
      at += 1;
      continue;
    }
    endParagraph();
    if (block.block) found.push(block.block);
    at = block.end;
  }
  endParagraph();
  return found;
}

/**
 * The block that begins with a line; null if it is text.
 *
 * @param {string[]} lines
 * @param {number} at
 * @param {ReadonlySet<string>} mentioned
 * @param {number} depth
 * @returns {{ block: Block, end: number } | null}
 */
function blockAt(lines, at, mentioned, depth) {
  const fence = lines[at].match(FENCE);
  if (fence) return fenced(lines, at, fence[1], fence[2].trim());
  if (depth >= DEEPEST) return null;
  if (QUOTE.test(lines[at])) {
    let end = at;
    while (end < lines.length && QUOTE.test(lines[end])) end += 1;
    const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
    return { block: { type: "quote", blocks: blocks(inside, mentioned, depth + 1) }, end };
  }
  return beginsItem(lines[at]) ? list(lines, at, mentioned, depth) : null;
}

/** @param {string} line */
const beginsItem = (line) => ITEM.test(line) && !BREAK.test(line);

/** @param {string[]} lines  @param {number} at  @param {string} mark  @param {string} about  @returns {{ block: Block, end: number }} */
function fenced(lines, at, mark, about) {
  let end = at + 1;
  while (end < lines.length && !lines[end].match(FENCE_END)?.[1].startsWith(mark)) end += 1;
  return { block: { type: "fence", language: about, text: lines.slice(at + 1, end).join("\n") }, end: end + 1 };
}

/** @param {string[]} lines  @param {number} at  @param {ReadonlySet<string>} mentioned  @param {number} depth  @returns {{ block: Block, end: number }} */
function list(lines, at, mentioned, depth) {
  const base = columns(lines[at]);
  const ordered = isOrdered(lines[at]);
  /** @type {Item[]} */
  const items = [];
  let place = at;
  while (place < lines.length && beginsItem(lines[place]) && isOrdered(lines[place]) === ordered && columns(lines[place]) < base + 2) {
    const [lead, , marker] = /** @type {RegExpMatchArray} */ (lines[place].match(ITEM));
    const inside = [lines[place].slice(lead.length)];
    let end = place + 1;
    for (let next = end; next < lines.length; next += 1) {
      const blank = BLANK.test(lines[next]);
      if (!blank && columns(lines[next]) < base + 2) break;
      inside.push(unindented(lines[next], columns(lead) + marker.length + 1));
      if (!blank) end = next + 1;
    }
    inside.length = end - place; // empty lines at the end are not its own
    items.push({ marker, blocks: blocks(inside, mentioned, depth + 1) });
    place = end;
    let next = end;
    while (next < lines.length && BLANK.test(lines[next])) next += 1;
    if (next < lines.length && beginsItem(lines[next])) place = next;
  }
  return { block: { type: "list", items }, end: place };
}

/** @param {string} line */
const isOrdered = (line) => /^[ \t]*[0-9]/.test(line);

/** By how many columns a line is indented. @param {string} line */
function columns(line) {
  let count = 0;
  for (const sign of line) {
    if (sign === " ") count += 1;
    else if (sign === "\t") count += 4;
    else break;
  }
  return count;
}

/** A line without `most` columns of its indentation, or all of it if there are fewer. @param {string} line  @param {number} most */
function unindented(line, most) {
  let [at, count] = [0, 0];
  for (; at < line.length && count < most; at += 1) {
    if (line[at] === " ") count += 1;
    else if (line[at] === "\t") count += 4;
    else break;
  }
  return line.slice(at);
}

/**
 * A text in one line, without marks: for previews, notifications and quotes.
 *
 * @param {Block[]} parsed
 * @param {(text: string) => string} [hidden] what is shown in place of a spoiler
 */
export function plain(parsed, hidden = (text) => text) {
  /** @param {Inline[]} content @returns {string} */
  const ofInline = (content) =>
    content
      .map((token) => {
        if ("text" in token) return token.text;
        return token.type === "spoiler" ? hidden(ofInline(token.content)) : ofInline(token.content);
      })
      .join("");
  /** @param {Block[]} inside @returns {string} */
  const ofBlocks = (inside) =>
    inside
      .map((block) => {
        if (block.type === "paragraph") return ofInline(block.content);
        if (block.type === "quote") return ofBlocks(block.blocks);
        if (block.type === "fence") return block.text;
        return block.items.map(({ marker, blocks: own }) => `${/\d/.test(marker) ? marker : "•"} ${ofBlocks(own)}`).join(" ");
      })
      .join(" ");
  return ofBlocks(parsed).replace(/\s+/g, " ").trim();
}
