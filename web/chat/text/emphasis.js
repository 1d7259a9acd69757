/** Pairs of delimiters in a line of pieces, as CommonMark finds them: in linear time, whatever the text. */

/**
 * @typedef {object} Delimiter a run of one character
 * @property {string} mark
 * @property {number} count of those that are not paired yet
 * @property {number} length
 * @property {boolean} opens whether it may begin an emphasis
 * @property {boolean} closes whether it may end one
 * @property {Style[]} begun what it begins, from the innermost on
 * @property {Style[]} ended what it ends, from the innermost on
 *
 * @typedef {"bold" | "italic" | "strike" | "spoiler"} Style
 * @typedef {import("./grammar.js").Inline} Inline
 */

// Deeper ones are shown as they were typed, so that drawing them needs no deep stack.
const DEEPEST = 16;
const MARKS = /** @type {Record<Style, (mark: string) => string>} */ ({
  bold: (mark) => mark + mark,
  italic: (mark) => mark,
  strike: () => "~~",
  spoiler: () => "||",
});

/**
 * The tree of what was scanned: tokens, and delimiters between them.
 *
 * @param {(Inline | Delimiter)[]} pieces
 * @returns {Inline[]}
 */
export function emphasized(pieces) {
  pair(/** @type {Delimiter[]} */ (pieces.filter((piece) => "mark" in piece)));
  /** @type {{ style: Style | null, mark: string, content: Inline[], flat: boolean }[]} */
  const open = [{ style: null, mark: "", content: [], flat: false }];
  for (const piece of pieces) {
    if (!("mark" in piece)) {
      add(open[open.length - 1].content, piece);
      continue;
    }
    for (let left = piece.ended.length; left > 0; left -= 1) {
      const { style, mark, content, flat } = /** @type {any} */ (open.pop());
      const parent = open[open.length - 1].content;
      if (!flat) parent.push({ type: style, content });
      else {
        const text = MARKS[/** @type {Style} */ (style)](mark);
        for (const token of [{ type: "text", text }, ...content, { type: "text", text }]) add(parent, token);
      }
    }
    if (piece.count > 0) add(open[open.length - 1].content, { type: "text", text: piece.mark.repeat(piece.count) });
    for (const style of piece.begun.reverse()) open.push({ style, mark: piece.mark, content: [], flat: open.length > DEEPEST });
  }
  return open[0].content;
}

/** Adds a token to others; text joins the text before it. @param {Inline[]} content  @param {Inline} token */
function add(content, token) {
  const last = content[content.length - 1];
  if (token.type === "text" && last?.type === "text") content[content.length - 1] = { type: "text", text: last.text + token.text };
  else content.push(token);
}

/** @param {Delimiter[]} delimiters */
function pair(delimiters) {
  /** @type {Delimiter[]} those before the one that is looked at, which may still begin something */
  const open = [];
  /** @type {Map<string, number>} by kind of closing run: below which of `open` none that it would pair with is left */
  const floors = new Map();
  for (const closing of delimiters) {
    while (closing.closes && closing.count > 0) {
      const kind = `${closing.mark}${closing.opens}${closing.length % 3}`;
      const floor = floors.get(kind) ?? 0;
      let place = open.length - 1;
      while (place >= floor && !pairs(open[place], closing)) place -= 1;
      if (place < floor) {
        floors.set(kind, open.length);
        break;
      }
      join(open[place], closing);
      // What lies between the two can pair with nothing outside of them.
      open.length = open[place].count > 0 ? place + 1 : place;
      for (const [one, bound] of floors) if (bound > open.length) floors.set(one, open.length);
    }
    if (closing.opens && closing.count > 0) open.push(closing);
  }
}

/** @param {Delimiter} opening  @param {Delimiter} closing */
function pairs(opening, closing) {
  if (opening.mark !== closing.mark) return false;
  if (!(opening.closes || closing.opens)) return true;
  // CommonMark's rule of three, by which `*a**b*` is one emphasis.
  return (opening.length + closing.length) % 3 !== 0 || (opening.length % 3 === 0 && closing.length % 3 === 0);
}

/** @param {Delimiter} opening  @param {Delimiter} closing */
function join(opening, closing) {
  const double = opening.count >= 2 && closing.count >= 2;
  /** @type {Style} */
  let style = double ? "bold" : "italic";
  if (closing.mark === "~") style = "strike";
  else if (closing.mark === "|") style = "spoiler";
  const used = double ? 2 : 1;
  opening.count -= used;
  closing.count -= used;
  opening.begun.push(style);
  closing.ended.push(style);
}
