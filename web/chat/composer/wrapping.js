/**
 * Changes of a text that is written, as what replaces what and what is selected then: marks around a selection, links. Pure, so
 * that the field applies them in one step that Ctrl+Z undoes.
 */

/** @typedef {{ from: number, to: number, insert: string, select: [number, number] }} Change */

const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;

/**
 * Puts marks around what is selected, or takes them away if they are there; spaces at its ends stay outside.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} mark
 * @returns {Change}
 */
export function wrapped(text, start, end, mark) {
  const selected = text.slice(start, end);
  const from = start + (selected.length - selected.trimStart().length || 0);
  const inner = selected.trim();
  const begin = inner ? from : start;
  const stop = begin + inner.length;
  const size = mark.length;
  if (runBefore(text, begin, mark) === size && runAfter(text, stop, mark) === size) {
    return { from: begin - size, to: stop + size, insert: inner, select: [begin - size, stop - size] };
  }
  if (inner.length > 2 * size && runAfter(inner, 0, mark) === size && runBefore(inner, inner.length, mark) === size) {
    return { from: begin, to: stop, insert: inner.slice(size, -size), select: [begin, stop - 2 * size] };
  }
  return { from: begin, to: stop, insert: `${mark}${inner}${mark}`, select: [begin + size, stop + size] };
}

/** How many of a mark's character end at a place: three are a bold italic, so `*` is there as well as `**`. @param {string} text  @param {number} at  @param {string} mark */
function runBefore(text, at, mark) {
  let length = 0;
  while (at > length && text[at - length - 1] === mark[0]) length += 1;
  return length === 3 ? mark.length : length;
}

/** @param {string} text  @param {number} at  @param {string} mark */
function runAfter(text, at, mark) {
  let length = 0;
  while (text[at + length] === mark[0]) length += 1;
  return length === 3 ? mark.length : length;
}

/**
 * A link of what is selected: where its address is missing, the cursor waits for it.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Change}
 */
export function linked(text, start, end) {
  const selected = text.slice(start, end);
  if (ADDRESS.test(selected)) return { from: start, to: end, insert: `[](${selected})`, select: [start + 1, start + 1] };
  const at = start + selected.length + 3;
  return { from: start, to: end, insert: `[${selected}]()`, select: selected ? [at, at] : [start + 1, start + 1] };
}

/**
 * What a pasted address makes of what is selected: a link; null where it replaces the selection, as other text does.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} pasted
 * @returns {Change | null}
 */
export function linkedByPasting(text, start, end, pasted) {
  const selected = text.slice(start, end);
  const address = pasted.trim();
  if (!selected.trim() || /[\n[\]]/.test(selected) || !ADDRESS.test(address) || ADDRESS.test(selected.trim()) || isInCode(text, start)) return null;
  const escaped = address.replaceAll("(", "%28").replaceAll(")", "%29");
  const insert = `[${selected}](${escaped})`;
  return { from: start, to: end, insert, select: [start + insert.length, start + insert.length] };
}

/** Whether a place of a text is in a block or a span of code that has begun before it. @param {string} text  @param {number} at */
export function isInCode(text, at) {
  const before = text.slice(0, at);
  const fences = before.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0;
  if (fences % 2) return true;
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return (line.match(/`/g)?.length ?? 0) % 2 === 1;
}
