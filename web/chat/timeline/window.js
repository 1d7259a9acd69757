/** Which of a timeline's rows are in the page: a window of a few, that moves over all of them. */

export const MOST = 150;
const CUT = 25; // go at once: whatever goes above moves all that is in view, which is then painted anew
const STEP = 50;

export class RowWindow {
  /** @type {readonly string[]} */
  #keys = [];
  start = 0;
  end = 0;

  /**
   * The rows are these now. What is shown stays, unless it is gone.
   *
   * @param {readonly string[]} keys
   * @param {boolean} follows whether the newest are to be shown
   */
  follow(keys, follows) {
    const [old, start, end] = [this.#keys, this.start, this.end];
    const wasAtEnd = end === old.length;
    this.#keys = keys;
    const places = new Map(keys.map((key, place) => [key, place]));
    let first = start;
    while (first < end && !places.has(old[first])) first += 1;
    if (first >= end) return this.toEnd();
    let last = end - 1;
    while (last > first && !places.has(old[last])) last -= 1;
    this.start = /** @type {number} */ (places.get(old[first]));
    this.end = /** @type {number} */ (places.get(old[last])) + 1;
    if (wasAtEnd && follows) {
      this.end = keys.length;
      if (this.end - this.start > MOST) this.start = this.end - MOST + CUT;
    } else if (wasAtEnd) this.end = keys.length;
    this.end = Math.min(this.end, this.start + MOST);
  }

  get isAtStart() {
    return this.start === 0;
  }

  get isAtEnd() {
    return this.end === this.#keys.length;
  }

  /** Shows older rows; whether there are some. */
  up() {
    if (this.isAtStart) return false;
    this.start = Math.max(0, this.start - STEP);
    this.end = Math.min(this.end, this.start + MOST);
    return true;
  }

  /** Shows newer rows; whether there are some. */
  down() {
    if (this.isAtEnd) return false;
    this.end = Math.min(this.#keys.length, this.end + STEP);
    this.start = Math.max(this.start, this.end - MOST);
    return true;
  }

  toEnd() {
    this.end = this.#keys.length;
    this.start = Math.max(0, this.end - 2 * STEP);
  }

  /** Shows what is around a row; whether there is this row. @param {string} key */
  toKey(key) {
    const place = this.#keys.indexOf(key);
    if (place < 0) return false;
    this.start = Math.max(0, place - STEP);
    this.end = Math.min(this.#keys.length, place + STEP);
    return true;
  }
}
