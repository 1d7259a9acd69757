/** What a paragraph is made of: tokens of text, code, links, mentions and emoji, with the emphasis around them. */

import { longestMember, namesIn } from "../../lib/mentions.js";
import { characterAt, characterBefore, flanking } from "./characters.js";
import { emphasized } from "./emphasis.js";
import { addressesIn, brackets, safeAddress } from "./links.js";

/** @typedef {import("./grammar.js").Inline} Inline */
/** @typedef {import("./emphasis.js").Delimiter} Delimiter */
/** @typedef {Map<number, { end: number, token: Inline }>} Fixed tokens by where they begin, in which nothing else is looked for */

const WHOLE_LINK = /https?:\/\/[^\s<>"]*/gi; // where the server sees no mentions
const SHORTCODE = /:([a-z0-9_+-]{1,64}):/y;
const CHANNEL = /#([A-Za-z0-9_-]{1,64}|(?![A-Za-z0-9_-])[\p{L}\p{N}_-]{1,64})/uy;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const SPECIAL = /[\\*_~|[\]:#`@h]/gi;

/**
 * @param {string} text of one paragraph
 * @param {ReadonlySet<string>} mentioned
 * @returns {Inline[]}
 */
export function inline(text, mentioned) {
  return new Scanner(text, mentioned).tokens();
}

class Scanner {
  /** @type {(Inline | Delimiter)[]} */
  #pieces = [];
  /** @type {{ place: number, usable: boolean }[]} where square brackets opened, among the pieces */
  #open = [];

  /** @param {string} text  @param {ReadonlySet<string>} mentioned */
  constructor(text, mentioned) {
    this.text = text;
    const spans = codeSpans(text);
    const prose = without(text, spans);
    this.brackets = brackets(prose);
    /** @type {Fixed} */
    this.fixed = new Map(spans);
    for (const { at, text: shown, href } of addressesIn(prose))
      this.fixed.set(at, { end: at + shown.length, token: { type: "link", href, content: [{ type: "text", text: shown }] } });
    if (mentioned.size === 0) return;
    for (const { at, name } of namesIn(prose.replace(WHOLE_LINK, (link) => " ".repeat(link.length)))) {
      const member = longestMember(name.toLowerCase(), (tried) => mentioned.has(tried));
      if (!member) continue;
      const end = at + 1 + member.length;
      this.fixed.set(at, { end, token: { type: "mention", name: member, text: text.slice(at, end) } });
    }
  }

  tokens() {
    for (let at = 0; at < this.text.length; ) at = this.#step(at);
    return emphasized(this.#pieces);
  }

  /** Takes what begins at a place, and returns where it ends. @param {number} at */
  #step(at) {
    const fixed = this.fixed.get(at);
    if (fixed) {
      if (fixed.token.type === "link") this.#closeBrackets();
      this.#pieces.push(fixed.token);
      return fixed.end;
    }
    const sign = this.text[at];
    if (sign === "\\") return this.#escape(at);
    if ("*_~|".includes(sign)) return this.#delimiters(at, sign);
    if (sign === "[") {
      this.#open.push({ place: this.#pieces.length, usable: true });
      return this.#literal(at, at + 1);
    }
    if (sign === "]") return this.#link(at);
    if (sign === ":" || sign === "#") return this.#named(at, sign);
    SPECIAL.lastIndex = at + 1;
    return this.#literal(at, SPECIAL.exec(this.text)?.index ?? this.text.length);
  }

  /** @param {number} from  @param {number} to */
  #literal(from, to) {
    this.#pieces.push({ type: "text", text: this.text.slice(from, to) });
    return to;
  }

  /** A backslash takes the meaning of the mark after it, but stays in ¯\_(ツ)_/¯. @param {number} at */
  #escape(at) {
    if (!ESCAPABLE.test(this.text[at + 1] ?? "") || this.fixed.has(at + 1)) return this.#literal(at, at + 1);
    return this.#literal(this.text[at - 1] === "¯" ? at : at + 1, at + 2);
  }

  /** @param {number} at  @param {string} mark */
  #delimiters(at, mark) {
    let end = at + 1;
    while (this.text[end] === mark) end += 1;
    const length = end - at;
    const double = mark === "~" || mark === "|";
    if (double && length !== 2) return this.#literal(at, end);
    const { opens, closes } = flanking(mark, characterBefore(this.text, at), characterAt(this.text, end));
    if (!opens && !closes) return this.#literal(at, end);
    this.#pieces.push({ mark, count: length, length: double ? 1 : length, opens, closes, begun: [], ended: [] });
    return end;
  }

  /** `[label](address)`: at its closing bracket. @param {number} at */
  #link(at) {
    const opening = this.#open.pop();
    const end = this.brackets.get(at + 1);
    if (!opening?.usable || end === undefined || opening.place + 1 === this.#pieces.length) return this.#literal(at, at + 1);
    const address = this.text.slice(at + 2, end).replace(/^<(.*)>$/, "$1").replace(/\\([!-/:-@[-`{-~])/g, "$1");
    const href = safeAddress(address);
    if (href === null) return this.#literal(at, at + 1);
    const label = emphasized(this.#pieces.splice(opening.place).slice(1));
    this.#closeBrackets();
    this.#pieces.push({ type: "link", href, content: label });
    return end + 1;
  }

  /** No link is in another one. */
  #closeBrackets() {
    for (let place = this.#open.length - 1; place >= 0 && this.#open[place].usable; place -= 1) this.#open[place].usable = false;
  }

  /** `:emoji:` or `#channel`, of which the page knows whether they exist. @param {number} at  @param {string} sign */
  #named(at, sign) {
    const grammar = sign === ":" ? SHORTCODE : CHANNEL;
    grammar.lastIndex = at;
    const found = grammar.exec(this.text);
    if (!found || /[A-Za-z0-9_&#/]/.test(this.text[at - 1] ?? "")) return this.#literal(at, at + 1);
    const end = at + found[0].length;
    if (sign === ":" && /[A-Za-z0-9_]/.test(this.text[end] ?? "")) return this.#literal(at, at + 1);
    this.#pieces.push({ type: sign === ":" ? "emoji" : "channel", name: found[1], text: found[0] });
    return end;
  }
}

/**
 * Code spans (CommonMark 6.1): between two equally long runs of backticks. A backslash removes a backtick from the run that
 * would begin a span, but not from the one that ends it.
 *
 * @param {string} text
 * @returns {Fixed}
 */
export function codeSpans(text) {
  const runs = [...text.matchAll(/`+/g)].map(({ index, 0: { length } }) => {
    let slashes = 0;
    while (text[index - 1 - slashes] === "\\") slashes += 1;
    return { index, length, escaped: slashes % 2 };
  });
  /** @type {Map<number, number>} by length, the next run */
  const nextOf = new Map();
  /** @type {Map<number, number>} the run that ends what a run begins */
  const ends = new Map();
  for (let place = runs.length - 1; place >= 0; place -= 1) {
    const { length, escaped } = runs[place];
    const end = nextOf.get(length - escaped);
    if (end !== undefined) ends.set(place, end);
    nextOf.set(length, place);
  }
  const spans = new Map();
  for (let place = 0; place < runs.length; place += 1) {
    const last = ends.get(place);
    if (last === undefined) continue;
    const { index, length, escaped } = runs[place];
    const inside = text.slice(index + length, runs[last].index).replaceAll("\n", " ");
    const padded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
    const token = { type: "code", text: padded ? inside.slice(1, -1) : inside };
    spans.set(index + escaped, { end: runs[last].index + runs[last].length, token });
    place = last;
  }
  return spans;
}

/** A text with spaces in place of its code. @param {string} text  @param {Fixed} spans */
function without(text, spans) {
  let [prose, done] = ["", 0];
  for (const [start, { end }] of spans) {
    prose += text.slice(done, start) + " ".repeat(end - start);
    done = end;
  }
  return prose + text.slice(done);
}
