/**
 * What the page keeps on disk (client/store.js): written once a second at most, the events with the cursor that they lead to;
 * without a disk, in memory. Databases of other users of this browser go when one starts: nobody who signed out leaves any.
 */

import { IndexedDatabase } from "../../client/store/indexed.js";
import { MemoryDatabase } from "../../client/store/memory.js";
import { Store } from "../../client/store.js";

/** @typedef {import("../../client/stream.js").StreamEvent} StreamEvent */
/** @typedef {Record<string, any>} Message */

const PREFIX = "fechatter.chat.";
const FLUSH_MS = 1000;
/** What was written longer ago is not carried on: edits and deletions since then are too many to replay. */
const OLDEST_MS = 24 * 3600_000;

export class Disk {
  #place;
  #snapshot;
  /** @type {StreamEvent[]} */
  #events = [];
  /** Events that were written while histories were on their way, which must meet them as well. @type {StreamEvent[]} */
  #again = [];
  /** @type {{ chatId: number, messages: Message[] }[]} */
  #histories = [];
  /** @type {Set<number>} */
  #left = new Set();
  #fetching = 0;
  #unwait = () => {};
  #isWaiting = false;
  #cursor = "";
  /** @type {Promise<unknown>} */
  #writing = Promise.resolve();

  /**
   * `snapshot` gives what there is now.
   *
   * @param {{ userId: number, snapshot: () => any, place: import("../../client/surroundings.js").Surroundings, factory?: IDBFactory }} options
   */
  constructor({ userId, snapshot, place, factory = globalThis.indexedDB }) {
    this.#place = place;
    this.#snapshot = snapshot;
    const name = `${PREFIX}${userId}`;
    this.store = new Store(userId, factory ? new IndexedDatabase(name, factory) : new MemoryDatabase());
    if (factory) forgetOthers(factory, name);
    place.watch({ offline() {}, online() {}, back() {}, visible() {}, away: () => void this.flush() });
  }

  /** What was kept, if it can be carried on. */
  async load() {
    const found = await this.store.load();
    if (!found) return null;
    if (this.#place.now() - found.at < OLDEST_MS) return found;
    await this.store.reset();
    return null;
  }

  /** All begins anew, at this cursor. @param {string} cursor */
  async begin(cursor) {
    [this.#events, this.#again, this.#histories] = [[], [], []];
    this.#left.clear();
    await this.store.reset();
    this.#cursor = cursor;
    await this.flush();
  }

  /** @param {StreamEvent} event  @param {Iterable<number>} left chats of which nothing may stay */
  take(event, left) {
    if (event.cursor) this.#cursor = event.cursor;
    this.#events.push(event);
    for (const id of left) this.#left.add(id);
    // What must not be kept goes at once.
    if (this.#left.size) void this.flush();
    else this.#soon();
  }

  /** The cursor has moved without an event. @param {string} cursor */
  moved(cursor) {
    this.#cursor = cursor;
  }

  /** @param {number} chatId  @param {number} seq  @param {number} amount */
  before(chatId, seq, amount) {
    return this.store.before(chatId, seq, amount);
  }

  /** Keeps a part of a chat's history that comes from the server. @param {number} chatId  @param {() => Promise<Message[]>} fetch */
  async fetched(chatId, fetch) {
    this.#fetching++;
    try {
      const messages = await fetch();
      this.#histories.push({ chatId, messages });
      this.#soon();
      return messages;
    } finally {
      this.#fetching--;
    }
  }

  /** Writes what there is to be written. */
  flush() {
    this.#unwait();
    this.#isWaiting = false;
    return (this.#writing = this.#writing.then(() => this.#write(), () => this.#write()));
  }

  /** Nothing of the user stays. */
  async forget() {
    this.#unwait();
    this.#cursor = "";
    await this.#writing.catch(() => {});
    await this.store.destroy();
  }

  async #write() {
    if (!this.#cursor) return;
    const [events, histories, left] = [[...this.#again, ...this.#events], this.#histories, [...this.#left]];
    this.#again = this.#fetching ? events : [];
    [this.#events, this.#histories] = [[], []];
    this.#left.clear();
    // What cannot be written now comes again with the next copy, or is fetched.
    await this.store.commit({ cursor: this.#cursor, at: this.#place.now(), shell: this.#snapshot(), events, histories, left }).catch(() => {});
  }

  #soon() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#unwait = this.#place.after(FLUSH_MS, () => void this.flush());
  }
}

/** @param {IDBFactory} factory  @param {string} own */
async function forgetOthers(factory, own) {
  const all = (await factory.databases?.().catch(() => [])) ?? [];
  for (const { name } of all) if (name?.startsWith(PREFIX) && name !== own) factory.deleteDatabase(name);
}
