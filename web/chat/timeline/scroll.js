/**
 * Where a list stands while its rows come, go and grow. Browsers anchor scrolling in some of these cases, and differently,
 * so it is off (`overflow-anchor: none`): rows in view are measured, and after a change the list is scrolled by what the
 * first of them has moved, in the same task or before the frame is drawn.
 */

const AT_END_PX = 24;

export class Scroll {
  /** At the end: it stays there as rows are added. */
  isAtEnd = true;
  /** Whether the last row is the newest: nothing stays at another end. */
  mayFollow = true;
  /** Rows in view, and where they were in what is scrolled. @type {{ row: HTMLElement, top: number }[]} */
  #anchors = [];
  #last = 0;
  #rest = 0; // of a correction: what the browser has rounded away

  /** @param {HTMLElement} scroller  @param {HTMLElement} list whose children are the rows */
  constructor(scroller, list) {
    this.scroller = scroller;
    this.list = list;
  }

  /** Before a change, or after the user has scrolled: what is in view now. */
  measure() {
    if (this.#hasMoved()) {
      this.isAtEnd = this.#standsAtEnd();
      this.#rest = 0;
    }
    this.#last = this.scroller.scrollTop;
    this.#findAnchors();
  }

  #findAnchors() {
    const begin = this.scroller.getBoundingClientRect().top;
    const end = begin + this.scroller.clientHeight;
    const origin = begin - this.scroller.scrollTop;
    const rows = this.rows();
    this.#anchors = [];
    for (let place = firstBelow(rows, begin); place < rows.length; place += 1) {
      const { top } = rows[place].getBoundingClientRect();
      if (top >= end) break;
      this.#anchors.push({ row: rows[place], top: top - origin });
    }
    // A row that begins above what is in view may grow there; the others are better anchors.
    const [first, second] = this.#anchors;
    if (second && first.top + origin < begin) this.#anchors.push(/** @type {typeof first} */ (this.#anchors.shift()));
  }

  /** After a change: what was in view is where it was. */
  hold() {
    const { scroller } = this;
    const moved = this.#hasMoved();
    if (this.isAtEnd && (!moved || this.#toEnd() <= 1)) scroller.scrollTop = scroller.scrollHeight;
    else {
      const origin = scroller.getBoundingClientRect().top - scroller.scrollTop;
      const anchor = this.#anchors.find(({ row }) => row.isConnected);
      const shift = anchor ? anchor.row.getBoundingClientRect().top - origin - anchor.top + this.#rest : 0;
      if (shift !== 0) {
        const wanted = scroller.scrollTop + shift;
        scroller.scrollTop = wanted;
        const missed = wanted - scroller.scrollTop;
        this.#rest = Math.abs(missed) < 1 ? missed : 0;
      }
      if (moved) this.isAtEnd = this.#standsAtEnd();
    }
    this.#last = scroller.scrollTop;
    this.#findAnchors();
  }

  #standsAtEnd() {
    return this.mayFollow && this.#toEnd() <= AT_END_PX;
  }

  #hasMoved() {
    return Math.abs(this.scroller.scrollTop - this.#last) > 1;
  }

  /** @returns {HTMLElement[]} */
  rows() {
    return /** @type {HTMLElement[]} */ ([...this.list.children]);
  }

  /** A row comes into view, with this part of the free room above it. @param {HTMLElement} row  @param {number} part */
  put(row, part) {
    const { scroller } = this;
    const room = Math.max(0, scroller.clientHeight - row.offsetHeight);
    scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - room * part;
    this.#settle(this.#standsAtEnd());
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#settle(true);
  }

  /** @param {boolean} isAtEnd */
  #settle(isAtEnd) {
    this.isAtEnd = isAtEnd;
    this.#last = this.scroller.scrollTop;
    this.#rest = 0;
    this.#findAnchors();
  }

  /** The last row whose end is in view, or that fills it; null if there is none. @returns {HTMLElement | null} */
  lastInView() {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const rows = this.rows();
    /** @type {HTMLElement | null} */
    let found = null;
    for (let place = firstBelow(rows, top); place < rows.length; place += 1) {
      const box = rows[place].getBoundingClientRect();
      if (box.top >= bottom || (box.bottom > bottom + 1 && found)) break;
      found = rows[place];
    }
    return found;
  }

  /** How far the end is below what is in view. */
  #toEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  get isFarFromEnd() {
    return this.#toEnd() > this.scroller.clientHeight / 2;
  }

  get isNearStart() {
    return this.scroller.scrollTop < this.scroller.clientHeight;
  }

  get isNearEnd() {
    return this.#toEnd() < this.scroller.clientHeight;
  }
}

/** The first row that ends below a height. @param {HTMLElement[]} rows  @param {number} height */
function firstBelow(rows, height) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].getBoundingClientRect().bottom > height) high = middle;
    else low = middle + 1;
  }
  return low;
}
