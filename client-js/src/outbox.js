/**
 * Messages that are not known to be posted. Each has its key from the moment it was written, and is posted with it however
 * often that takes, so that it is there once. In a chat they go out in their order, one at a time. None is ever dropped: what
 * the server refuses stays until somebody discards it or tries again.
 */

import { Problem, SignedOut } from "./request.js";
import { surroundings } from "./surroundings.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** The server knows a key for 24 hours. What is older by this clock may have been posted, and would be posted again. */
const KEY_LIVES_MS = 23 * 3600_000;
/** What a failover of the database may lose: at most this number of the newest that were posted, and no older ones. */
const MOST_POSTED = 200;
const POSTED_MS = 900_000;

/**
 * `body` is that of POST /api/chats/{id}/messages. A refused one has the `problem`, with the code `too_old` if it has waited
 * for longer than the server knows its key.
 *
 * @typedef {{
 *   key: string, chatId: number, body: Record<string, any>, madeAt: number,
 *   state: "waiting" | "sending" | "refused", problem: { code: string, detail: string } | null,
 * }} Entry
 * @typedef {{ all: () => Promise<Entry[]>, put: (entry: Entry) => Promise<void>, delete: (key: string) => Promise<void> }} Kept
 */

export class Outbox {
  /** In the order in which they were written. @type {Map<string, Entry>} */
  #entries = new Map();
  /** The newest that are posted, each with its message's id, and when. @type {{ entry: Entry, id: number, at: number }[]} */
  #past = [];
  #post;
  #kept;
  #changed;
  #posted;
  #place;
  #failures = 0;
  #unwait = () => {};
  #isWaiting = false;
  #isOpen = false;

  /**
   * `post` posts an entry, and throws as `sender` does; `kept` keeps entries over restarts; `changed` is called with all
   * entries whenever one has changed, and `posted` with one that is posted, and its message, before that.
   *
   * @param {{
   *   post: (entry: Entry) => Promise<any>, kept: Kept, changed?: (entries: Entry[]) => void,
   *   posted?: (entry: Entry, message: any) => void, place?: import("./surroundings.js").Surroundings,
   * }} options
   */
  constructor({ post, kept, changed = () => {}, posted = () => {}, place = surroundings() }) {
    this.#post = post;
    this.#kept = kept;
    this.#changed = changed;
    this.#posted = posted;
    this.#place = place;
  }

  /** Takes up what was left by an earlier run, and begins to send. */
  async open() {
    const left = await this.#kept.all().catch(() => []);
    const newer = this.#entries;
    this.#entries = new Map();
    for (const entry of left.sort((one, other) => one.madeAt - other.madeAt)) {
      this.#entries.set(entry.key, entry.state === "sending" ? { ...entry, state: "waiting" } : entry);
    }
    for (const [key, entry] of newer) this.#entries.set(key, entry);
    this.#isOpen = true;
    this.#tell();
    this.wake();
  }

  /** Nothing more is sent, until it is opened again. */
  close() {
    this.#isOpen = false;
    this.#unwait();
  }

  get entries() {
    return [...this.#entries.values()];
  }

  /** @param {number} chatId  @param {Record<string, any>} body @returns {Entry} */
  add(chatId, body) {
    const entry = /** @type {Entry} */ ({ key: newKey(), chatId, body, madeAt: this.#place.now(), state: "waiting", problem: null });
    this.take(entry);
    return entry;
  }

  /** Takes up one that was made elsewhere, unless it is here. @param {Entry} entry */
  take(entry) {
    if (this.#entries.has(entry.key)) return;
    this.#entries.set(entry.key, entry);
    // It goes out while it is being kept: if this is the last that the program does, either may have come to pass, or both.
    this.#keep(entry);
    this.#sendNext();
    if (this.#entries.get(entry.key) === entry) this.#tell(); // it has to wait
  }

  /** Tries a refused one again. @param {string} key */
  retry(key) {
    const entry = this.#entries.get(key);
    if (!entry || entry.state !== "refused") return;
    // Somebody wants what is too old to be posted now: it counts from here on, with another key.
    if (entry.problem?.code === "too_old") this.discard(key);
    const again = entry.problem?.code === "too_old" ? { ...entry, key: newKey(), madeAt: this.#place.now() } : entry;
    this.#change({ ...again, state: "waiting", problem: null });
    this.#sendNext();
  }

  /** @param {string} key @returns {boolean} false if it is being sent, or gone */
  discard(key) {
    const entry = this.#entries.get(key);
    if (!entry || entry.state === "sending") return false;
    this.#entries.delete(key);
    this.#kept.delete(key).catch(() => {});
    this.#tell();
    return true;
  }

  /** The server may be there again. */
  wake() {
    this.#unwait();
    this.#isWaiting = false;
    this.#sendNext();
  }

  /**
   * After a `reset` whose reason is `lost`: posts the newest again, each with its key, so that those which the server still
   * has stay as they are. What cannot be posted now waits as what is new does.
   */
  async putBack() {
    const since = this.#place.now() - POSTED_MS;
    for (const one of [...this.#past]) {
      if (one.at < since || !this.#past.includes(one)) continue;
      try {
        const message = await this.#post(one.entry); // another one, if it was lost
        this.#past = this.#past.map((other) => (other === one ? { ...one, id: message?.id } : other));
      } catch (problem) {
        if (!this.#mayPass(problem)) continue;
        this.#past = this.#past.filter((other) => other !== one); // until it is posted
        this.take(one.entry);
      }
    }
  }

  /** A message is deleted or edited: it is not put back as it was, since that may be lost together with it. @param {number} messageId */
  forget(messageId) {
    this.#past = this.#past.filter(({ id }) => id !== messageId);
  }

  /** Sends the first one of each chat in which none is under way. */
  #sendNext() {
    if (!this.#isOpen || this.#isWaiting) return;
    const seen = new Set();
    for (const entry of this.entries) {
      if (entry.state === "refused" || seen.has(entry.chatId)) continue;
      seen.add(entry.chatId);
      if (entry.state === "waiting") this.#send(entry);
    }
  }

  /** @param {Entry} entry */
  async #send(entry) {
    if (this.#place.now() - entry.madeAt > KEY_LIVES_MS) {
      const detail = "It has waited for more than a day, and may have been posted: look before you send it again.";
      this.#change({ ...entry, state: "refused", problem: { code: "too_old", detail } });
      return this.#sendNext();
    }
    const posting = this.#post(entry); // before anybody draws it, which takes longer
    this.#show({ ...entry, state: "sending" });
    try {
      const message = await posting;
      this.#failures = 0;
      this.#past = [...this.#past, { entry, id: message?.id, at: this.#place.now() }].slice(-MOST_POSTED);
      this.#posted(entry, message);
      this.#entries.delete(entry.key);
      this.#tell(); // the disk may be slow, and what it still has would go out with the same key
      await this.#kept.delete(entry.key).catch(() => {});
    } catch (problem) {
      if (!this.#mayPass(problem)) {
        const { code = "unknown", message } = problem;
        this.#change({ ...entry, state: "refused", problem: { code, detail: message } });
      } else {
        this.#show({ ...entry, state: "waiting" });
        if (!(problem instanceof SignedOut)) this.#wait(problem.retryAfter);
        return;
      }
    }
    this.#sendNext();
  }

  /** Whether the same request may succeed later. @param {any} problem */
  #mayPass(problem) {
    if (!(problem instanceof Problem)) return true;
    return problem.status >= 500 || [401, 408, 429].includes(problem.status);
  }

  /** @param {number | null | undefined} seconds as the server wishes */
  #wait(seconds) {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const most = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LONGEST_WAIT_MS);
    const ms = Math.max(most * (0.5 + Math.random() / 2), (seconds ?? 0) * 1000);
    this.#unwait = this.#place.after(ms, () => this.wake());
  }

  /** @param {Entry} entry */
  #change(entry) {
    this.#keep(entry);
    this.#show(entry);
  }

  /** What is under way is kept as waiting. @param {Entry} entry */
  #show(entry) {
    this.#entries.set(entry.key, entry);
    this.#tell();
  }

  /** @param {Entry} entry */
  async #keep(entry) {
    // Without room, or without a disk, it is in memory alone.
    await this.#kept.put(entry).catch(() => {});
  }

  #tell() {
    this.#changed(this.entries);
  }
}

/** Unlike crypto.randomUUID, it is there on pages that came over plain HTTP. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Entries that are kept in memory alone. @returns {Kept} */
export function keptInMemory() {
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  return {
    all: async () => [...entries.values()],
    put: async (entry) => void entries.set(entry.key, entry),
    delete: async (key) => void entries.delete(key),
  };
}
