/** `:tada:` that somebody types becomes 🎉, as soon as it is complete and at the latest when it is sent; never in code. */

import { codeSpans } from "../../text/inline.js";
import { emojiTable } from "./emoji.js";

// As text/inline.js reads them: not in words, times and addresses.
const SHORTCODE = /(?<![\w&#/\\]):([a-z0-9_+-]{1,64}):(?!\w)/g;
const FENCE = /^ {0,3}(```+|~~~+)/;

/** What shortcodes stand for, once that has been fetched. @type {ReadonlyMap<string, string> | null} */
let known = null;

/** @returns {Promise<ReadonlyMap<string, string>>} */
async function fetched() {
  const table = await emojiTable("en");
  known ??= new Map(table.flatMap(({ text, codes }) => codes.map((code) => /** @type {[string, string]} */ ([code, text]))));
  return known;
}

/** @param {string} text */
export const hasShortcodes = (text) => text.search(SHORTCODE) >= 0;

/**
 * A text with its emoji: at once where that is possible, and as it is if the emoji cannot be fetched.
 *
 * @param {string} text
 * @param {{ has(name: string): boolean } | undefined} custom the workspace's own emoji, whose names stay
 * @returns {string | Promise<string>}
 */
export function withEmoji(text, custom) {
  if (!hasShortcodes(text)) return text;
  const replace = (/** @type {ReadonlyMap<string, string>} */ all) => outsideCode(text, (part) => part.replace(SHORTCODE, (code, name) => (custom?.has(name) ? code : (all.get(name) ?? code))));
  return known ? replace(known) : fetched().then(replace, () => text);
}

/**
 * The shortcode that ends at the cursor as its emoji.
 *
 * @param {string} text
 * @param {number} cursor
 * @param {{ has(name: string): boolean } | undefined} custom
 * @returns {Promise<import("../wrapping.js").Change | null>}
 */
export async function emojiBefore(text, cursor, custom) {
  const [code, name] = text.slice(0, cursor).match(new RegExp(`${SHORTCODE.source}$`)) ?? [];
  if (!code || custom?.has(name)) return null;
  const insert = (await fetched()).get(name);
  const from = cursor - code.length;
  // In code that has begun, or is complete, it is what it says.
  const marked = outsideCode(text, (part) => "\0".repeat(part.length));
  if (!insert || marked[from] !== "\0" || hasOpenCode(text.slice(0, from))) return null;
  return { from, to: cursor, insert, select: [from + insert.length, from + insert.length] };
}

/** Puts it into a field that has not changed since. @param {import("../field.js").Field} field  @param {string} text  @param {number} cursor  @param {{ has(name: string): boolean } | undefined} custom */
export async function putEmoji(field, text, cursor, custom) {
  const change = await emojiBefore(text, cursor, custom).catch(() => null);
  if (change && field.text === text && field.element?.selectionEnd === cursor) field.apply(change);
}

/** Whether a backtick before a place has begun code that has not ended there. @param {string} before */
const hasOpenCode = (before) => outsideCode(before.slice(before.lastIndexOf("\n") + 1), (part) => part.replace(/`/g, "\0")).includes("\0");

/** A text of which what is no code is another one. @param {string} text  @param {(part: string) => string} change */
function outsideCode(text, change) {
  let fence = "";
  /** @type {string[]} */
  const blocks = [];
  let paragraph = "";
  const end = () => {
    blocks.push(proseOf(paragraph, change));
    paragraph = "";
  };
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const mark = line.match(FENCE)?.[1];
    if (!fence && !mark) paragraph += line;
    else {
      if (!fence) end();
      blocks.push(line);
      if (!fence) fence = /** @type {string} */ (mark);
      else if (mark?.startsWith(fence) && line.trim() === mark) fence = "";
    }
  }
  end();
  return blocks.join("");
}

/** @param {string} paragraph  @param {(part: string) => string} change */
function proseOf(paragraph, change) {
  let [text, done] = ["", 0];
  for (const [start, { end }] of codeSpans(paragraph)) {
    text += change(paragraph.slice(done, start)) + paragraph.slice(start, end);
    done = end;
  }
  return text + change(paragraph.slice(done));
}
