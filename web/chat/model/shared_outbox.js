/**
 * The outbox of all tabs: what is written in any of them is posted by the one that leads (tabs.js), in one order. What is
 * not known to have reached it is told to the next one; the messages' keys see to it that none is posted twice.
 */

import { newKey, Outbox } from "../../client/outbox.js";

/** @typedef {import("../../client/outbox.js").Entry} Entry */

export class SharedOutbox {
  #options;
  #tabs;
  /** @type {Outbox | null} */
  #outbox = null;
  /** As the leader has them. @type {Entry[]} */
  #entries = [];
  /** What was written here, and the leader has not been heard of having. @type {Map<string, Entry>} */
  #own = new Map();
  /** By key, what was written here and is on the disk, or soon. @type {Map<string, Promise<unknown>>} */
  #keeping = new Map();
  #isOpen = false;

  /** @param {ConstructorParameters<typeof Outbox>[0] & { tabs: import("./tabs.js").Tabs, place: import("../../client/surroundings.js").Surroundings }} options */
  constructor({ tabs, ...options }) {
    this.#tabs = tabs;
    this.#options = options;
  }

  /** Takes up what was left by an earlier run, and begins to send. */
  async open() {
    this.#isOpen = true;
    const left = await this.#options.kept.all().catch(() => []);
    if (!this.#outbox && !this.#entries.length) this.#entries = left;
    if (this.#tabs.isLeader) await this.#begin();
    else this.#tabs.tell({ type: "outbox?" });
    this.#tell();
  }

  close() {
    this.#isOpen = false;
    this.#end();
  }

  /** @param {number} chatId  @param {Record<string, any>} body @returns {Entry} */
  add(chatId, body) {
    if (this.#outbox) return this.#outbox.add(chatId, body);
    const { kept, place } = this.#options;
    const entry = /** @type {Entry} */ ({ key: newKey(), chatId, body, madeAt: place.now(), state: "waiting", problem: null });
    this.#own.set(entry.key, entry);
    this.#keeping.set(entry.key, kept.put(entry).catch(() => {}));
    this.#tabs.tell({ type: "post", entry });
    this.#tabs.ask();
    this.#tell();
    return entry;
  }

  /** Tries a refused one again. @param {string} key */
  retry(key) {
    if (this.#outbox) this.#outbox.retry(key);
    else this.#tabs.tell({ type: "retry", key });
  }

  /** @param {string} key @returns {boolean} false if it is being sent, or gone */
  discard(key) {
    if (this.#outbox) return this.#outbox.discard(key);
    const entry = this.#all().find((one) => one.key === key);
    if (!entry || entry.state === "sending") return false;
    this.#tabs.tell({ type: "discard", key });
    this.#forget(key);
    this.#entries = this.#entries.filter((one) => one.key !== key);
    this.#tell();
    return true;
  }

  /** The server may be there again. */
  wake() {
    this.#outbox?.wake();
  }

  /** A failover has lost something: the tab that leads posts the newest again. */
  async putBack() {
    await this.#outbox?.putBack();
  }

  /** A message is deleted or edited, and is not put back as it was. @param {number} messageId */
  forget(messageId) {
    this.#outbox?.forget(messageId);
  }

  /** This tab leads from now on, or does not any more. @param {boolean} isLeader */
  led(isLeader) {
    if (!isLeader) this.#end();
    else if (this.#isOpen) this.#begin();
  }

  /** What another tab says. @param {import("./tabs.js").Message} message  @param {boolean} isLeaders */
  take({ type, entry, entries, key, message }, isLeaders) {
    const outbox = this.#outbox;
    if (type === "posted") this.#settle(entry, message);
    else if (outbox && type === "post") outbox.take(entry);
    else if (outbox && type === "retry") outbox.retry(key);
    else if (outbox && type === "discard") outbox.discard(key);
    else if (outbox && (type === "outbox?" || type === "ping")) this.#tabs.tell({ type: "outbox", entries: this.#entries });
    if (!isLeaders || outbox) return;
    if (type === "leads") this.#handOver();
    else if (type === "outbox") {
      this.#entries = entries;
      for (const one of this.#entries) this.#own.delete(one.key);
      this.#handOver();
      this.#tell();
    }
  }

  /** What the leader has not; it may be that it had, and this tab has not heard. */
  #handOver() {
    for (const entry of this.#own.values()) this.#tabs.tell({ type: "post", entry });
  }

  async #begin() {
    if (this.#outbox) return;
    const { posted } = this.#options;
    let isTold = false; // what is not read from the disk yet stays in sight
    const outbox = new Outbox({
      ...this.#options,
      changed: (now) => {
        if (outbox !== this.#outbox || !isTold) return;
        this.#entries = now;
        this.#tell();
      },
      posted: (entry, message) => {
        posted?.(entry, message);
        this.#tabs.tell({ type: "posted", entry, message });
      },
    });
    this.#outbox = outbox;
    for (const entry of this.#own.values()) outbox.take(entry);
    this.#entries = this.#all();
    this.#own.clear();
    isTold = true;
    await outbox.open();
  }

  #end() {
    this.#outbox?.close();
    this.#outbox = null;
  }

  /** Another tab has posted it. @param {Entry} entry  @param {any} message */
  #settle(entry, message) {
    this.#forget(entry.key);
    this.#options.posted?.(entry, message);
  }

  /** The leader may have deleted it before it was written here. @param {string} key */
  async #forget(key) {
    this.#own.delete(key);
    const keeping = this.#keeping.get(key);
    this.#keeping.delete(key);
    await keeping;
    await this.#options.kept.delete(key).catch(() => {});
  }

  #all() {
    return [...this.#entries, ...this.#own.values()];
  }

  #tell() {
    const entries = this.#all();
    if (this.#outbox) this.#tabs.tell({ type: "outbox", entries });
    this.#options.changed?.(entries);
  }
}
