/** Surroundings in which time passes, the network goes and the page is looked at when a test says so. */

export class Place {
  #timers = new Map();
  #made = 0;
  #now = 1_795_000_000_000;
  isOnline = true;
  heard = new Set();

  now = () => this.#now;
  online = () => this.isOnline;

  after = (ms, act) => {
    const id = ++this.#made;
    this.#timers.set(id, { act, at: this.#now + ms });
    return () => this.#timers.delete(id);
  };

  watch = (heard) => {
    this.heard.add(heard);
    return () => this.heard.delete(heard);
  };

  /** How long until something happens by itself; null: never. */
  get next() {
    const all = [...this.#timers.values()].map(({ at }) => at - this.#now);
    return all.length ? Math.min(...all) : null;
  }

  async pass(ms) {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const [due] = [...this.#timers].filter(([, { at }]) => at <= until).sort(([, one], [, other]) => one.at - other.at);
      if (!due) break;
      this.#now = due[1].at;
      this.#timers.delete(due[0]);
      due[1].act();
      await settled();
    }
    this.#now = until;
  }

  /** @param {"offline" | "online" | "away" | "back" | "visible"} what */
  happens(what) {
    for (const heard of [...this.heard]) heard[what]();
  }
}

/** All that is to happen without time passing has happened. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
