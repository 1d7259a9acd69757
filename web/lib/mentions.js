/**
 * The mentions in a message's text, by the grammar of docs/mentions.md: what the server will find when it is posted
 * (`find_mentions` in sql/functions/messages/mentions.sql), for a page that highlights them while somebody types.
 */

const MOST = 50;
const LONGEST_NAME = 32;
const EVERYONE = new Set(["all", "here"]);

const ITEM = "(?:[-+*]|[0-9]{1,9}[.)])";
const QUOTES = /^(?: {0,3}> ?){0,9}/;
const CLOSING = /^[ \t]*(`+|~+)[ \t]*$/;
const INDENTED = /^(?: {4}| {0,3}\t)/;
const FENCE = "(`{3,}(?=[^`]*$)|~{3,})";
const FENCE_IN_ITEM = new RegExp(`^[ \\t]*(?:${ITEM}[ \\t]+)?${FENCE}`);
const FENCE_OUTSIDE = new RegExp(`^ {0,3}${FENCE}`);
const BREAK = "(?:\\*[ \\t]*){3,}|(?:-[ \\t]*){3,}";
const BEGINS_ITEM = new RegExp(`^ {0,3}${ITEM}(?:[ \\t]|$)`);
const BEGINS_ITEM_WITH_TEXT = new RegExp(`^ {0,3}${ITEM}[ \\t]`);
const THEMATIC_BREAK = new RegExp(`^ {0,3}(?:${BREAK})$`);
// Neither a heading nor a thematic break is a paragraph.
const NO_PARAGRAPH = new RegExp(`^ {0,3}(?:#{1,6}(?:[ \\t].*)?|${BREAK}|(?:_[ \\t]*){3,}|=+[ \\t]*)$`);

const LINK = /https?:\/\/[^\s<>"]*/gi;
// A run of names that a / or + connects.
const RUN = /(?<![A-Za-z0-9_.+%/\\@-])_*(@[A-Za-z0-9][A-Za-z0-9._-]*(?:(?<=[A-Za-z0-9_])[/+]_*@[A-Za-z0-9][A-Za-z0-9._-]*)*)/g;
const NAME = /@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)/g;

/**
 * The user names that a text mentions, in small letters, of those that `isMember` knows; and `all` or `here` if it
 * mentions everyone, which permissions may forbid.
 *
 * @param {string} text
 * @param {(name: string) => boolean} isMember of a name in small letters; not of the sender's
 * @returns {{ names: string[], everyone: "all" | "here" | null }}
 */
export function findMentions(text, isMember) {
  const prose = withoutCodeSpans(withoutCodeBlocks(text)).replace(LINK, " ");
  const found = new Set([...namesIn(prose)].map(({ name }) => name.toLowerCase()));
  const everyone = [...found].map(unemphasized).filter((name) => EVERYONE.has(name));
  const names = [...found].slice(0, MOST + 2).map((name) => longestMember(name, isMember));
  return {
    names: [...new Set(names.slice(0, MOST))].filter((name) => name !== null),
    everyone: everyone.includes("all") ? "all" : everyone.length ? "here" : null,
  };
}

/**
 * What follows an `@` and may be a name, and where the `@` is, in a text without code and links.
 *
 * @param {string} prose
 */
export function* namesIn(prose) {
  for (const run of prose.matchAll(RUN)) {
    const start = run.index + run[0].length - run[1].length;
    for (const { index, 1: name } of run[1].matchAll(NAME)) yield { at: start + index, name };
  }
}

/** @param {string} name */
const unemphasized = (name) => name.replace(/_+$/, "");

/**
 * A `_` at the end may be part of the name or end an emphasis: the longest name that a member has wins.
 *
 * @param {string} name
 * @param {(name: string) => boolean} isMember
 */
export function longestMember(name, isMember) {
  const least = unemphasized(name).length;
  for (let size = Math.min(name.length, Math.max(LONGEST_NAME, least)); size >= least; size -= 1) {
    const tried = name.slice(0, size);
    if (isMember(tried)) return tried;
  }
  return null;
}

/**
 * A text without its blocks of code, fenced or indented (CommonMark 4.5 and 4.4), and without quote marks: an empty line
 * replaces each line of code.
 *
 * @param {string} text
 */
function withoutCodeBlocks(text) {
  /** @type {string[]} */
  const kept = [];
  /** @type {{ mark: string, depth: number, inItem: boolean } | null} */
  let fence = null;
  let [outerDepth, inList, afterText] = [0, false, false]; // afterText: a paragraph continues, so indented lines are its
  for (const line of text.replaceAll("\r", "").split("\n")) {
    const quotes = line.match(QUOTES)?.[0] ?? "";
    const depth = quotes.replace(/[^>]/g, "").length;
    const rest = line.slice(quotes.length);
    if (fence) {
      const own = fence.depth === 0 ? line : rest;
      if (depth >= fence.depth && !(fence.inItem && /^[^ \t]/.test(own))) {
        const closes = own.match(CLOSING)?.[1].startsWith(fence.mark) && (fence.inItem || /^ {0,3}[`~]/.test(own));
        if (closes) fence = null;
        kept.push("");
        continue;
      }
      fence = null; // it ends with its quote or item
    }
    if (depth > outerDepth) {
      kept.push("");
      [inList, afterText] = [false, false];
    }
    outerDepth = depth;
    if (/^[ \t]*$/.test(rest)) {
      kept.push("");
      afterText = false;
      continue;
    }
    const inItem = (inList && /^[ \t]/.test(rest)) || BEGINS_ITEM_WITH_TEXT.test(rest);
    const mark = rest.match(inItem ? FENCE_IN_ITEM : FENCE_OUTSIDE)?.[1];
    if (mark) {
      fence = { mark, depth, inItem };
      [inList, afterText] = [inItem, false];
      kept.push("");
    } else if (INDENTED.test(rest) && !afterText && !inList) kept.push("");
    else if (BEGINS_ITEM.test(rest) && !THEMATIC_BREAK.test(rest)) {
      [inList, afterText] = [true, true];
      kept.push("", rest);
    } else {
      inList &&= afterText || /^[ \t]/.test(rest);
      afterText = !NO_PARAGRAPH.test(rest);
      kept.push(...(afterText ? [rest] : ["", rest, ""]));
    }
  }
  return kept.join("\n");
}

/**
 * A text without its code spans (CommonMark 6.1): between two equally long runs of backticks in a paragraph. A backslash
 * removes a backtick from the run that would begin a span, but not from the one that ends it.
 *
 * @param {string} text
 */
function withoutCodeSpans(text) {
  const parts = text.match(/`+|[^`]+/g) ?? [];
  /** @type {Map<number, number>} by length, the next run in this paragraph */
  let nextOf = new Map();
  /** @type {Map<number, { begins: number, end: number }>} with how many backticks a run begins a span, and where that ends */
  const spans = new Map();
  for (let place = parts.length - 1; place >= 0; place -= 1) {
    const part = parts[place];
    if (part.startsWith("`")) {
      const escaped = ((parts[place - 1] ?? "").match(/\\*$/)?.[0].length ?? 0) % 2;
      const begins = part.length - escaped;
      const end = nextOf.get(begins);
      if (end !== undefined) spans.set(place, { begins, end });
      nextOf.set(part.length, place);
    } else if (/\n[ \t\r]*\n/.test(part)) nextOf = new Map();
  }
  let kept = "";
  for (let place = 0; place < parts.length; place += 1) {
    const span = spans.get(place);
    if (span) {
      kept += `${parts[place].slice(0, parts[place].length - span.begins)} `;
      place = span.end;
    } else kept += parts[place];
  }
  return kept;
}
