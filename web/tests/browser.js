/** What modules expect of a browser, in node: just so much of it that they can be tried, with clocks that stand still. */

import "./crypto.js";

/** A page: events of the window and of the document, whether there is a network, and what is stored. */
export class Page {
  constructor() {
    this.window = new EventTarget();
    this.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    this.navigator = { onLine: true, locks: new Locks() };
    this.location = { pathname: "/boards", search: "", hash: "", gone: null, replace: (to) => (this.location.gone = to), reload: () => (this.location.gone = "") };
    const items = new Map();
    this.localStorage = {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => items.set(key, String(value)),
      removeItem: (key) => items.delete(key),
      key: (at) => [...items.keys()][at] ?? null,
      get length() {
        return items.size;
      },
    };
    const { document, navigator, location, localStorage } = this;
    const globals = { document, navigator, location, localStorage };
    for (const name of ["addEventListener", "removeEventListener"]) globals[name] = this.window[name].bind(this.window);
    for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }

  happens(type, more = {}) {
    this.window.dispatchEvent(Object.assign(new Event(type), more));
  }

  network(there) {
    this.navigator.onLine = there;
    this.happens(there ? "online" : "offline");
  }

  shows(visible) {
    this.document.visibilityState = visible ? "visible" : "hidden";
    this.document.dispatchEvent(new Event("visibilitychange"));
  }
}

/** Of Web Locks what is used: one holder at a time, in order. */
class Locks {
  #last = Promise.resolve();

  request(_name, act) {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

const real = { setTimeout, clearTimeout };

/** Timers that run when the test says so, until it stops the clock. */
export class Clock {
  #timers = new Map();
  #made = 0;
  now = 0;

  constructor() {
    globalThis.setTimeout = (act, ms = 0) => {
      this.#timers.set(++this.#made, { act, at: this.now + ms });
      return this.#made;
    };
    globalThis.clearTimeout = (id) => this.#timers.delete(id);
  }

  /** The real timers run again. */
  stop() {
    Object.assign(globalThis, real);
  }

  /** How long until the next timer runs; null when none waits. */
  get next() {
    const times = [...this.#timers.values()].map(({ at }) => at - this.now);
    return times.length ? Math.min(...times) : null;
  }

  /** Lets so many milliseconds pass, and everything that follows from them happen. */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const [due] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!due) break;
      this.#timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].act();
      await settled();
    }
    this.now = end;
  }
}

/** Once all promises that are resolved have been acted on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
