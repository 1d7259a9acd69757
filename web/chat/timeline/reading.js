/**
 * What counts as read: a row that was in view for half a second, in a window that is visible and has the focus. Marking
 * something unread stops it until the chat is left.
 */

export const LONG_ENOUGH_MS = 500;

export class Reading {
  /** The newest row in view at each look that found a newer one, and since when it is. @type {{ seq: number, since: number }[]} */
  #seen = [];
  #told = 0;
  #stopped = false;
  /** @type {any} */
  #timer = null;
  /** When it goes off. @type {number | null} */
  #dueAt = null;

  /**
   * @param {{
   *   tell: (seq: number) => void, isAttended: () => boolean, now?: () => number,
   *   after?: (ms: number, act: () => void) => unknown, cancel?: (timer: any) => void,
   * }} options
   */
  constructor({ tell, isAttended, now = () => performance.now(), after = (ms, act) => setTimeout(act, ms), cancel = (timer) => clearTimeout(timer) }) {
    this.tell = tell;
    this.isAttended = isAttended;
    this.now = now;
    this.after = after;
    this.cancel = cancel;
  }

  /** The newest row in view has this `seq`; 0 if there is none. @param {number} seq */
  look(seq) {
    if (this.#stopped) return;
    const newest = this.isAttended() ? seq : 0;
    this.#seen = this.#seen.filter((one) => one.seq <= newest);
    if (newest > Math.max(this.#told, this.#seen.at(-1)?.seq ?? 0)) this.#seen.push({ seq: newest, since: this.now() });
    this.#wait();
  }

  stop() {
    this.#stopped = true;
    this.#seen = [];
    this.#wait();
  }

  #wait() {
    const [first] = this.#seen;
    const dueAt = first ? first.since + LONG_ENOUGH_MS : null;
    if (dueAt === this.#dueAt) return;
    this.#dueAt = dueAt;
    this.cancel(this.#timer);
    if (dueAt !== null) this.#timer = this.after(Math.max(0, dueAt - this.now()), () => this.#due());
  }

  #due() {
    this.#dueAt = null;
    if (!this.isAttended()) return this.look(0);
    const due = this.#seen.filter(({ since }) => this.now() - since >= LONG_ENOUGH_MS);
    this.#seen = this.#seen.slice(due.length);
    const last = due.at(-1);
    if (last) {
      this.#told = last.seq;
      this.tell(last.seq);
    }
    this.#wait();
  }
}
