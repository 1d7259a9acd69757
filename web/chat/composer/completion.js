/** What is being written at the cursor that can be completed: a name, a chat, an emoji, a command. */

import { isInCode } from "./wrapping.js";

/** @typedef {"person" | "chat" | "emoji" | "command"} Subject */
/** @typedef {{ subject: Subject, typed: string, from: number, to: number }} Begun from where to where, with its sign */

// After Chinese text a name needs no space before its sign, after a letter of an address or a path it is none.
const PERSON = /(?<![A-Za-z0-9_.+%/\\@-])@([\p{L}\p{N}._-]{0,32})$/u;
const CHAT = /(?<![A-Za-z0-9_&/#])#([\p{L}\p{N}_-]{0,64})$/u;
const EMOJI = /(?<![\p{L}\p{N}_:/])[:：]([a-z0-9_+-]{2,32}|\p{Script=Han}{1,8})$/iu;
const COMMAND = /^\/((?:[a-z0-9][a-z0-9_-]{0,31})?)$/i;

/**
 * @param {string} text
 * @param {number} cursor
 * @returns {Begun | null}
 */
export function begunAt(text, cursor) {
  const before = text.slice(0, cursor);
  const command = before.match(COMMAND);
  if (command) return begun("command", command, cursor);
  const found = /** @type {const} */ ([["person", PERSON], ["chat", CHAT], ["emoji", EMOJI]]).map(([subject, form]) => [subject, before.match(form)]);
  for (const [subject, match] of /** @type {[Subject, RegExpMatchArray | null][]} */ (found)) {
    if (match && !isInCode(text, match.index ?? 0)) return begun(subject, match, cursor);
  }
  return null;
}

/** @param {Subject} subject  @param {RegExpMatchArray} match  @param {number} cursor @returns {Begun} */
const begun = (subject, match, cursor) => ({ subject, typed: match[1], from: cursor - match[0].length, to: cursor });

const CHANNEL_NAME = /^(?:[A-Za-z0-9_-]{1,64}|(?![A-Za-z0-9_-])[\p{L}\p{N}_-]{1,64})$/u;

/** How a message names a chat: `#name` where that is one word of the grammar, else a link. @param {{ id: number, name: string }} chat */
export function chatAsText({ id, name }) {
  if (CHANNEL_NAME.test(name)) return `#${name}`;
  return `[#${name.replace(/[\\[\]]/g, "\\$&")}](/chat/${id})`;
}

/**
 * The text with what was begun completed, and a space behind it.
 *
 * @param {string} text
 * @param {Begun} what
 * @param {string} insert
 * @returns {import("./wrapping.js").Change}
 */
export function completed(text, { from, to }, insert) {
  const spaced = /^\s/.test(text.slice(to)) ? insert : `${insert} `;
  const end = from + insert.length + 1;
  return { from, to, insert: spaced, select: [end, end] };
}
