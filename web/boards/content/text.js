/**
 * Writing in a text that others write in too. A `Draft` is what one person is shown of a Y.Text, in a text area say, and
 * knows where each character of it is in the Y.Text by now. So what they write can wait, while they compose a character
 * with an input method, and lands where they wrote it all the same.
 */

/** @typedef {{ retain?: number, insert?: string | object, delete?: number }[]} Delta as Yjs has it */

export class Draft {
  /**
   * The place of each unit of the Y.Text in what is shown: null for what is not, such as an embedded object.
   *
   * @type {(number | null)[]}
   */
  origins = [];
  shown = "";

  /** @param {import("yjs").Text} text */
  constructor(text) {
    this.text = text;
    this.#read();
  }

  /** Whether others have written something that is not shown yet. */
  get behind() {
    return this.text.toString() !== this.shown;
  }

  /** Records what others have changed; `renew` shows it. @param {Delta} delta */
  follow(delta) {
    let at = 0;
    for (const { retain = 0, insert = "", delete: removed = 0 } of delta) {
      at += retain;
      const unseen = Array(typeof insert === "string" ? insert.length : 1).fill(null);
      this.origins = [...this.origins.slice(0, at), ...unseen, ...this.origins.slice(at + removed)];
      at += unseen.length;
    }
  }

  /**
   * Writes that what is shown has become `wanted`, in which the caret is at `caret`; what others wrote stays.
   *
   * @param {string} wanted
   * @param {number} caret
   */
  write(wanted, caret) {
    const { start, removed, inserted } = difference(this.shown, wanted, caret);
    const at = this.#at(start);
    const isRemoved = (/** @type {number | null} */ origin) => origin !== null && origin >= start && origin < start + removed;
    for (let end = this.origins.length; end > at; end--) {
      if (!isRemoved(this.origins[end - 1])) continue;
      const last = end;
      while (end > at && isRemoved(this.origins[end - 1])) end--;
      this.text.delete(end, last - end);
    }
    if (inserted) this.text.insert(at, inserted);
    const kept = this.origins.filter((origin) => !isRemoved(origin));
    const before = kept.slice(0, at);
    const between = Array.from({ length: inserted.length }, (_, unit) => start + unit);
    const after = kept.slice(at).map((origin) => (origin === null ? null : origin + inserted.length - removed));
    this.origins = [...before, ...between, ...after];
    this.shown = wanted;
  }

  /** From now on all is shown; returns where these places in what was shown before are now. @param {...number} places */
  renew(...places) {
    const at = places.map((place) => this.#at(place));
    this.#read();
    return at.map((end) => this.origins.slice(0, end).filter((origin) => origin !== null).length);
  }

  #read() {
    this.shown = this.text.toString();
    this.origins = [];
    let place = 0;
    for (const { insert } of this.text.toDelta()) {
      if (typeof insert !== "string") this.origins.push(null);
      else for (let unit = 0; unit < insert.length; unit++) this.origins.push(place++);
    }
  }

  /** Where a place in what is shown is in the Y.Text: right after the character before it. @param {number} place */
  #at(place) {
    return this.origins.findLastIndex((origin) => origin !== null && origin < place) + 1;
  }
}

/**
 * The change from `current` to `wanted`: at `start`, `removed` UTF-16 units go and the text `inserted` comes. Where a letter
 * is repeated, the caret decides which one is new: nothing after it is. Surrogate pairs stay whole.
 *
 * @param {string} current
 * @param {string} wanted
 * @param {number} [caret]
 */
export function difference(current, wanted, caret = wanted.length) {
  const least = Math.min(current.length, wanted.length);
  let end = 0;
  while (end < Math.min(least, wanted.length - caret) && current.at(-1 - end) === wanted.at(-1 - end)) end++;
  let start = 0;
  while (start < least - end && current[start] === wanted[start]) start++;
  while (end < least - start && current.at(-1 - end) === wanted.at(-1 - end)) end++;
  if (isHigh(current, start - 1) || isHigh(wanted, start - 1)) start--;
  if (isLow(current, current.length - end) || isLow(wanted, wanted.length - end)) end--;
  return { start, removed: current.length - start - end, inserted: wanted.slice(start, wanted.length - end) };
}

/** @param {string} text  @param {number} at */
function isHigh(text, at) {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

/** @param {string} text  @param {number} at */
function isLow(text, at) {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
