/** What kinds of characters matter to the grammar, and in which language a text is. */

const SPACE = /\s/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
// Chinese, Japanese and Korean letters, and their punctuation and wide forms.
const EASTERN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\u30fb\u30fc\ufe30-\ufe4f\uff00-\uffef]/u;

/** The character before a place; "" at the beginning. @param {string} text  @param {number} at */
export function characterBefore(text, at) {
  const low = text.charCodeAt(at - 1);
  return at >= 2 && low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.slice(Math.max(at - 1, 0), at);
}

/** The character at a place; "" at the end. @param {string} text  @param {number} at */
export const characterAt = (text, at) => (at < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(at))) : "");

/**
 * Whether a run of delimiters between two characters can begin and end an emphasis. As in CommonMark 6.2, but East Asian
 * characters need no space around it: in `**请注意：**今天` the second run ends what the first one began.
 *
 * @param {string} mark one character of the run
 * @param {string} before
 * @param {string} after
 */
export function flanking(mark, before, after) {
  const [spaceBefore, spaceAfter] = [before === "" || SPACE.test(before), after === "" || SPACE.test(after)];
  const [pointBefore, pointAfter] = [PUNCTUATION.test(before), PUNCTUATION.test(after)];
  const [eastBefore, eastAfter] = [EASTERN.test(before), EASTERN.test(after)];
  const left = !spaceAfter && (!pointAfter || eastAfter || spaceBefore || pointBefore || eastBefore);
  const right = !spaceBefore && (!pointBefore || eastBefore || spaceAfter || pointAfter || eastAfter);
  if (mark !== "_") return { opens: left, closes: right };
  return { opens: left && (!right || pointBefore), closes: right && (!left || pointAfter) };
}

/**
 * The language of a text with Han characters, which look different in each; null for others, which need none.
 *
 * @param {string} text
 * @param {string} reader the language of the page
 */
export function languageOf(text, reader) {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return "ja";
  if (/\p{Script=Hangul}/u.test(text)) return "ko";
  if (!/\p{Script=Han}/u.test(text)) return null;
  return /^zh\b/i.test(reader) ? reader : "zh-Hans";
}

/** The length of a text as the server counts it. @param {string} text */
export function codePoints(text) {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >>> 10 === 0x36 && text.charCodeAt(at + 1) >>> 10 === 0x37) count -= 1;
  return count;
}

/** @type {Intl.Segmenter | undefined} */
let graphemes;
const PICTURE = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[#*0-9]\ufe0f?\u20e3|\p{Regional_Indicator}{2}/u;

/** How many emoji a text is made of; 0 if there is anything else in it but spaces. @param {string} text  @param {number} most */
export function emojiIn(text, most) {
  const bare = text.replace(/\s+/gu, "");
  if (bare.length > most * 32) return 0; // the longest emoji are families and flags, of some 20 units
  if (!PICTURE.test(bare)) return 0; // as most texts; to take one apart takes longer
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  let count = 0;
  for (const { segment } of graphemes.segment(bare)) {
    if (!PICTURE.test(segment)) return 0;
    count += 1;
  }
  return count;
}
