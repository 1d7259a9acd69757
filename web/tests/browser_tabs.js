/**
 * A browser with tabs, as far as they hear of each other: Web Locks and BroadcastChannel, whose every message, grant and loss
 * waits in the tab's queue until a test lets it come, and a tab that may freeze, or be gone from one moment to the next.
 */

import { Place } from "../../client-js/tests/place.js";

export class TestBrowser {
  /** @type {Set<Tab>} */
  tabs = new Set();
  /** By name, who holds a lock, and who waits for it. */
  locks = new Map();

  tab() {
    const tab = new Tab(this);
    this.tabs.add(tab);
    return tab;
  }

  lock(name) {
    if (!this.locks.has(name)) this.locks.set(name, { holder: null, waiting: [] });
    return this.locks.get(name);
  }

  /** Whoever is next gets the lock. */
  grant(name) {
    const lock = this.lock(name);
    if (lock.holder || !lock.waiting.length) return;
    const next = (lock.holder = lock.waiting.shift());
    next.tab.queue.push(() => next.granted());
  }
}

export class Tab {
  queue = [];
  isFrozen = false;
  /** So many of the next messages do not come. */
  losing = 0;
  place = new Place();
  channels = new Set();
  requests = new Set();

  constructor(browser) {
    this.browser = browser;
  }

  /** The next of what is to come does. */
  hear() {
    if (!this.isFrozen) this.queue.shift()?.();
  }

  /** It is closed or crashes: nothing of it runs any more, and what it held is free. */
  die() {
    this.isFrozen = true;
    this.browser.tabs.delete(this);
    for (const { name, release } of this.requests) {
      release();
      this.browser.grant(name);
    }
  }

  /** What the page sees of the browser. */
  get globals() {
    const tab = this;
    class BroadcastChannel {
      onmessage = null;

      constructor(name) {
        this.name = name;
        tab.channels.add(this);
      }

      postMessage(message) {
        const data = structuredClone(message);
        for (const other of tab.browser.tabs) {
          if (other === tab) continue;
          for (const channel of other.channels) {
            if (channel.name === this.name) other.queue.push(() => (other.losing ? other.losing-- : channel.onmessage?.({ data })));
          }
        }
      }

      close() {
        this.onmessage = null;
        tab.channels.delete(this);
      }
    }
    return { BroadcastChannel, locks: { request: (...given) => this.#request(...given) } };
  }

  #request(name, { steal = false, signal }, held) {
    const { browser } = this;
    const lock = browser.lock(name);
    return new Promise((resolve, reject) => {
      const entry = { tab: this, name };
      const aborted = () => new DOMException("It was stolen, or is no longer wanted.", "AbortError");
      entry.release = () => {
        lock.waiting = lock.waiting.filter((one) => one !== entry);
        if (lock.holder === entry) lock.holder = null;
      };
      entry.granted = async () => {
        const result = await held();
        this.requests.delete(entry);
        entry.release();
        browser.grant(name);
        resolve(result);
      };
      entry.stolen = () => this.queue.push(() => reject(aborted()));
      this.requests.add(entry);
      signal?.addEventListener("abort", () => {
        if (!lock.waiting.includes(entry)) return;
        entry.release();
        this.requests.delete(entry);
        reject(aborted());
      });
      if (steal) {
        lock.holder?.tab.requests.delete(lock.holder);
        lock.holder?.stolen();
        lock.holder = null;
        lock.waiting.unshift(entry);
      } else lock.waiting.push(entry);
      browser.grant(name);
    });
  }
}
