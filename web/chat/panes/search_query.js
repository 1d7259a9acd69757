/** A search as it is typed: words, and filters that are shown as chips. The server reads it (docs/search/queries.md). */

const FILTER = /(?<!\S)-?(?:from|in|before|after|on|has|is|file|mentions):(?:"[^"]*"|[^\s"]+)(?!\S)/giu;

/** @param {string} query @returns {{ words: string, filters: string[] }} */
export function partsOf(query) {
  const filters = query.match(FILTER) ?? [];
  return { words: query.replace(FILTER, " ").replace(/\s+/g, " ").trim(), filters };
}

/** @param {string} words  @param {readonly string[]} filters */
export const queryOf = (words, filters) => [...filters, words.trim()].filter(Boolean).join(" ");

/** With a filter, in place of one of the same kind where a message can only have one. @param {readonly string[]} filters  @param {string} filter */
export function withFilter(filters, filter) {
  const kind = filter.split(":")[0];
  const single = ["before", "after", "on", "in"].includes(kind);
  return [...filters.filter((one) => one !== filter && !(single && one.startsWith(`${kind}:`))), filter];
}

/** A text with what was found in it: pieces that are a match or not. @param {string} text  @param {string} words */
export function pieces(text, words) {
  const typed = words.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return [{ text, match: false }]; // places would not be the same
  /** @type {{ text: string, match: boolean }[]} */
  const found = [];
  for (let at = 0; at < text.length; ) {
    const next = typed.map((word) => ({ word, from: lower.indexOf(word, at) })).filter(({ from }) => from >= 0).sort((one, other) => one.from - other.from || other.word.length - one.word.length)[0];
    if (!next) return [...found, { text: text.slice(at), match: false }];
    if (next.from > at) found.push({ text: text.slice(at, next.from), match: false });
    at = next.from + next.word.length;
    found.push({ text: text.slice(next.from, at), match: true });
  }
  return found;
}

/**
 * What was found in a message as a line shows it: without the backticks around code, and the language that a block of it names.
 *
 * @param {{ text: string, match: boolean }[]} snippet
 */
export function withoutBackticks(snippet) {
  const shown = snippet.map(({ text, match }) => ({ text: text.replace(/```[\w+#-]*[ \t]*\n|`+/g, ""), match }));
  return shown.filter(({ text }) => text);
}
