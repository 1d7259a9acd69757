/**
 * What the page keeps on disk (client/store.js): written once a second at most, and less often where much happens, the events
 * with the cursor that they lead to; without a disk, in memory. Of several tabs one writes the copy (tabs.js); the others add
 * the histories that they fetch, and keep the events that the disk may not have, to go on with it. Databases of other users of
 * this browser go when one starts: nobody who signed out leaves any.
 */

import { changeOf } from "../../client/replica/messages.js";
import { IndexedDatabase } from "../../client/store/indexed.js";
import { MemoryDatabase } from "../../client/store/memory.js";
import { isForward, Store } from "../../client/store.js";

/** @typedef {import("../../client/stream.js").StreamEvent} StreamEvent */
/** @typedef {Record<string, any>} Message */

const PREFIX = "fechatter.chat.";
const FLUSH_MS = 1000;
/** Where much happens, it is written less often: all chats are written each time, and of a thousand that takes long. */
const BUSY_FLUSH_MS = 4000;
const MANY_EVENTS = 20;
/** What was written longer ago is not carried on: edits and deletions since then are too many to replay. */
const OLDEST_MS = 24 * 3600_000;
/** As many events are kept in memory. A disk that has none of them loses its messages. */
const MOST_EVENTS = 2000;

export class Disk {
  #place;
  #snapshot;
  #written;
  #isWriter = false;
  /** Nothing of what is on the disk leads to where this tab is. */
  #isNew = false;
  /** Where the events begin. */
  #from = "";
  /** What the disk may not have, or not with the histories that are on their way. @type {StreamEvent[]} */
  #events = [];
  /** @type {{ chatId: number, messages: Message[] }[]} */
  #histories = [];
  /** @type {Set<number>} */
  #left = new Set();
  #fetching = 0;
  /** Changes when histories that are on their way are good no more. */
  #generation = 0;
  #unwait = () => {};
  #isWaiting = false;
  #cursor = "";
  #isBusy = false;
  /** @type {Promise<unknown>} */
  #writing = Promise.resolve();

  /**
   * `snapshot` gives what there is now; `written` is called with the cursor that the disk has.
   *
   * @param {{
   *   userId: number, snapshot: () => any, written?: (cursor: string) => void, factory?: IDBFactory,
   *   place: import("../../client/surroundings.js").Surroundings,
   * }} options
   */
  constructor({ userId, snapshot, place, written = () => {}, factory = globalThis.indexedDB }) {
    this.#place = place;
    this.#snapshot = snapshot;
    this.#written = written;
    const name = `${PREFIX}${userId}`;
    this.store = new Store(userId, factory ? new IndexedDatabase(name, factory) : new MemoryDatabase());
    if (factory) forgetOthers(factory, name);
    place.watch({ offline() {}, online() {}, back() {}, visible() {}, away: () => void this.flush() });
  }

  /** What was kept, if it can be carried on. */
  async load() {
    const found = await this.store.load();
    if (found && this.#place.now() - found.at < OLDEST_MS) {
      this.#from = this.#cursor = found.cursor;
      return found;
    }
    if (found) await this.store.reset();
    return null;
  }

  /** All begins anew, at this cursor. @param {string} cursor */
  async begin(cursor) {
    [this.#events, this.#histories] = [[], []];
    this.#left.clear();
    this.#generation++;
    this.#isNew = true;
    this.#from = this.#cursor = cursor;
    await this.flush();
  }

  /** This tab writes the copy from now on, or does not any more. @param {boolean} isLeader */
  led(isLeader) {
    this.#isWriter = isLeader;
    if (isLeader) this.#soon();
  }

  /** @param {StreamEvent} event  @param {Iterable<number>} left chats of which nothing may stay */
  take(event, left) {
    if (event.cursor) this.#cursor = event.cursor;
    this.#events.push(event);
    if (this.#events.length > MOST_EVENTS) this.#drop();
    for (const id of left) this.#left.add(id);
    // What must not be kept goes at once.
    if (this.#left.size) void this.flush();
    else if (this.#isWriter) this.#soon();
  }

  /** The cursor has moved without an event. After a failover it is one of another epoch, to which the disk's leads nowhere. @param {string} cursor */
  moved(cursor) {
    if (this.#cursor && this.#cursor.split(".")[0] !== cursor.split(".")[0]) void this.begin(cursor);
    this.#cursor = cursor;
  }

  /** Another tab has written the disk up to there. @param {string} cursor */
  reached(cursor) {
    if (this.#fetching || this.#histories.length || !isForward(this.#from, cursor)) return;
    this.#isNew = false;
    this.#from = cursor;
    this.#events = this.#events.filter((event) => event.cursor && !isForward(event.cursor, cursor));
  }

  /** @param {number} chatId  @param {number} seq  @param {number} amount */
  async before(chatId, seq, amount) {
    const found = await this.store.before(chatId, seq, amount, this.#from);
    // The disk is a second behind, and other tabs' further.
    const acts = this.#events.flatMap(({ kind, data }) => changeOf(kind, data) ?? []);
    return acts.reduce((messages, act) => messages.flatMap((one) => (one.id === act.id ? (act.change(one) ?? []) : one)), found);
  }

  /** Keeps a part of a chat's history that comes from the server. @param {number} chatId  @param {() => Promise<Message[]>} fetch */
  async fetched(chatId, fetch) {
    const generation = this.#generation;
    this.#fetching++;
    try {
      const messages = await fetch();
      if (generation !== this.#generation) return messages;
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

  /** Writes nothing any more. */
  async close() {
    this.#unwait();
    this.#cursor = "";
    await this.#writing.catch(() => {});
    this.store.close();
  }

  /** Nothing of the user stays. */
  async forget() {
    await this.close();
    await this.store.destroy();
  }

  async #write() {
    const [cursor, isWriter] = [this.#cursor, this.#isWriter];
    if (!cursor || !(isWriter || this.#histories.length || this.#left.size)) return;
    const [events, histories, left] = [[...this.#events], this.#histories, [...this.#left]];
    this.#histories = [];
    this.#left.clear();
    const shell = isWriter ? this.#snapshot() : undefined;
    this.#isBusy = events.length >= MANY_EVENTS;
    try {
      if (isWriter && this.#isNew) await this.store.reset();
      await this.store.commit({ from: this.#from, cursor, at: this.#place.now(), shell, events, histories, left });
      if (!isWriter) return;
      this.reached(cursor);
      this.#written(cursor);
    } catch {
      // What cannot be written now comes again with the next copy, or is fetched.
    }
  }

  /** What is oldest goes. */
  #drop() {
    const gone = this.#events.splice(0, MOST_EVENTS / 2);
    this.#from = gone.findLast(({ cursor }) => cursor)?.cursor ?? this.#from;
    this.#histories = [];
    this.#generation++;
  }

  #soon() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#unwait = this.#place.after(this.#isBusy ? BUSY_FLUSH_MS : FLUSH_MS, () => void this.flush());
  }
}

/** @param {IDBFactory} factory  @param {string} own */
async function forgetOthers(factory, own) {
  const all = (await factory.databases?.().catch(() => [])) ?? [];
  for (const { name } of all) if (name?.startsWith(PREFIX) && name !== own) factory.deleteDatabase(name);
}
