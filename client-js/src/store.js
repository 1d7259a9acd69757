/**
 * What a client keeps on disk, of one user: the shell (all but old messages) as one record, messages in blocks of 50, the
 * outbox, drafts, and the cursor. Events and the cursor that they lead to are one transaction, and the cursor only moves
 * forward, so that two tabs may write for a second: events are states, and applied twice they do no harm.
 */

import { changeOf } from "./replica/messages.js";
import { MemoryDatabase } from "./store/memory.js";

const BLOCK = 50;
const SCHEMA = 1;

/**
 * @typedef {{
 *   get: (store: string, key: IDBValidKey) => Promise<any>, all: (store: string, first?: number) => Promise<any[]>,
 *   put: (store: string, key: IDBValidKey, value: any) => Promise<void>, delete: (store: string, key: IDBValidKey) => Promise<void>,
 *   deleteAll: (store: string, first?: number) => Promise<void>,
 * }} Transaction `all` and `deleteAll` take the first part of keys of two, or take everything
 * @typedef {{
 *   run: <T>(mode: "readonly" | "readwrite", act: (transaction: Transaction) => Promise<T>) => Promise<T>,
 *   close: () => void, destroy: () => Promise<void>,
 * }} Database
 */

/** @typedef {Record<string, any>} Message */
/** @typedef {{ chatId: number, n: number, messages: Message[] }} Block */
/** @typedef {{ kind: string, data: any }} Event */

export class Store {
  #database;
  /** Where it began, which may have something even if the disk works no more. */
  #first;
  #userId;
  /** Whether it is in memory alone, and since when. */
  isOnDisk = true;

  /** @param {number} userId  @param {Database} database */
  constructor(userId, database) {
    this.#userId = userId;
    this.#database = database;
    this.#first = database;
    if (database instanceof MemoryDatabase) this.isOnDisk = false;
  }

  /** What was kept, null if there is nothing that can be used. @returns {Promise<{ shell: any, cursor: string, at: number } | null>} */
  async load() {
    const found = await this.#run("readonly", async (transaction) => ({
      meta: await transaction.get("meta", "state"),
      shell: await transaction.get("shell", "shell"),
    }));
    const { meta, shell } = found;
    if (meta?.schema === SCHEMA && meta.userId === this.#userId && shell) return { shell, cursor: meta.cursor, at: meta.at };
    if (meta || shell) await this.reset();
    return null;
  }

  /**
   * Writes the state at a cursor: the shell, the events since `from`, histories that were fetched meanwhile, and chats that
   * were left, of which nothing stays. False, and nothing is written, if the disk is ahead or of another epoch. A disk that
   * is behind `from` has missed events, so its messages go. Without a shell somebody else writes that, and the cursor: then
   * this is refused as well if the disk is behind `from`.
   *
   * @param {{
   *   cursor: string, at: number, shell?: any, from?: string, events?: Event[],
   *   histories?: { chatId: number, messages: Message[] }[], left?: Iterable<number>,
   * }} state
   */
  async commit({ cursor, at, shell, from = "", events = [], histories = [], left = [] }) {
    return this.#run("readwrite", async (transaction) => {
      const meta = await transaction.get("meta", "state");
      if (meta ? !isForward(meta.cursor, cursor) : !shell) return false;
      const isBehind = meta && from && !isForward(from, meta.cursor);
      if (isBehind && !shell) return false;
      if (isBehind) for (const store of ["blocks", "meta"]) await transaction.deleteAll(store);
      if (shell) {
        await transaction.put("meta", "state", { schema: SCHEMA, userId: this.#userId, cursor, at });
        await transaction.put("shell", "shell", shell);
      }
      for (const history of histories) await putHistory(transaction, history.chatId, history.messages);
      for (const event of events) await applyToBlocks(transaction, event);
      for (const chatId of left) await dropChat(transaction, chatId);
      return true;
    });
  }

  /**
   * The messages of a chat before `seq`, newest last, as far as they are here without a gap. With `from` there are none if
   * the disk is behind it.
   *
   * @param {number} chatId  @param {number} seq  @param {number} amount  @param {string} [from]
   */
  async before(chatId, seq, amount, from = "") {
    return this.#run("readonly", async (transaction) => {
      const range = await transaction.get("meta", ["range", chatId]);
      if (!range || seq > range.to + 1) return [];
      const meta = from && (await transaction.get("meta", "state"));
      if (from && !(meta && isForward(from, meta.cursor))) return [];
      /** @type {Message[]} */
      let found = [];
      for (let n = blockOf(seq - 1); n >= blockOf(range.from) && found.length < amount; n--) {
        const block = /** @type {Block | undefined} */ (await transaction.get("blocks", [chatId, n]));
        found = [...(block?.messages ?? []).filter((message) => message.seq < seq && message.seq >= range.from), ...found];
      }
      return found.slice(-amount);
    });
  }

  /** Forgets all but what only the user has: the outbox and drafts. */
  async reset() {
    await this.#run("readwrite", async (transaction) => {
      for (const store of ["shell", "blocks", "meta"]) await transaction.deleteAll(store);
    });
  }

  /** Forgets the messages, of which edits and deletions were missed. */
  async dropBlocks() {
    await this.#run("readwrite", async (transaction) => {
      await transaction.deleteAll("blocks");
      const meta = await transaction.get("meta", "state");
      await transaction.deleteAll("meta");
      if (meta) await transaction.put("meta", "state", meta);
    });
  }

  /** After signing out nothing stays. */
  async destroy() {
    if (this.#database !== this.#first) await this.#database.destroy();
    await this.#first.destroy();
  }

  close() {
    this.#database.close();
  }

  /** As an Outbox wants it. @type {import("./outbox.js").Kept} */
  outbox = {
    all: () => this.#run("readonly", (transaction) => transaction.all("outbox")),
    put: (entry) => this.#run("readwrite", (transaction) => transaction.put("outbox", entry.key, entry)),
    delete: (key) => this.#run("readwrite", (transaction) => transaction.delete("outbox", key)),
  };

  /** What is being written, by the name of its place. */
  drafts = {
    /** @param {string} place */
    get: (place) => this.#run("readonly", (transaction) => transaction.get("drafts", place)),
    /** @param {string} place  @param {any} draft null: there is none any more */
    put: (place, draft) =>
      this.#run("readwrite", (transaction) => (draft ? transaction.put("drafts", place, draft) : transaction.delete("drafts", place))),
  };

  /** @template T @param {"readonly" | "readwrite"} mode  @param {(transaction: Transaction) => Promise<T>} act @returns {Promise<T>} */
  async #run(mode, act) {
    const database = this.#database;
    try {
      return await database.run(mode, act);
    } catch (problem) {
      if (database instanceof MemoryDatabase || !(problem instanceof DOMException)) throw problem;
      // The disk does not work, even with another connection: from here on it is in memory.
      if (this.#database === database) this.#database = new MemoryDatabase();
      this.isOnDisk = false;
      return this.#database.run(mode, act);
    }
  }
}

/** @param {string} before  @param {string} after */
export function isForward(before, after) {
  const [[epoch, from], [other, to]] = [before.split("."), after.split(".")];
  return epoch === other && Number(to) >= Number(from);
}

/** @param {number} seq */
const blockOf = (seq) => Math.floor(seq / BLOCK);

/**
 * Messages that follow each other without a gap. They join those that are here if they touch them; else the newer ones stay.
 *
 * @param {Transaction} transaction  @param {number} chatId  @param {Message[]} messages
 */
async function putHistory(transaction, chatId, messages) {
  if (!messages.length) return;
  const seqs = messages.map(({ seq }) => seq);
  const [from, to] = [Math.min(...seqs), Math.max(...seqs)];
  const range = await transaction.get("meta", ["range", chatId]);
  if (range && to < range.from - 1) return;
  const joins = range && from <= range.to + 1;
  if (range && !joins) await dropChat(transaction, chatId);
  const now = joins ? { from: Math.min(from, range.from), to: Math.max(to, range.to) } : { from, to };
  await transaction.put("meta", ["range", chatId], now);
  for (const n of new Set(seqs.map(blockOf))) {
    await changeBlock(transaction, chatId, n, (known) => merged(known, messages.filter(({ seq }) => blockOf(seq) === n)));
  }
}

/** @param {Transaction} transaction  @param {number} chatId */
async function dropChat(transaction, chatId) {
  await transaction.deleteAll("blocks", chatId);
  await transaction.delete("meta", ["range", chatId]);
}

/** @param {Transaction} transaction  @param {number} chatId  @param {number} n  @param {(messages: Message[]) => Message[]} act */
async function changeBlock(transaction, chatId, n, act) {
  const block = await transaction.get("blocks", [chatId, n]);
  await transaction.put("blocks", [chatId, n], { chatId, n, messages: act(block?.messages ?? []) });
}

/** @param {Message[]} known  @param {Message[]} more */
function merged(known, more) {
  const all = new Map(known.map((message) => [message.id, message]));
  for (const message of more) all.set(message.id, message);
  return [...all.values()].sort((one, other) => one.seq - other.seq);
}

/** @param {Transaction} transaction  @param {Event} event */
async function applyToBlocks(transaction, { kind, data }) {
  const chatId = data.chat_id ?? data.id;
  if (typeof chatId !== "number") return; // of a workspace or a user; no key for IndexedDB, which throws at it
  const range = await transaction.get("meta", ["range", chatId]);
  if (!range) return;
  if (kind === "NewMessage") return putHistory(transaction, chatId, [data]);
  if (kind === "NewChat") return putHistory(transaction, chatId, data.messages); // an import has added to it
  if (kind === "ChatUpdated") return trim(transaction, chatId, range, data.first_seq);
  const act = changeOf(kind, data);
  if (!act) return;
  // What is changed is mostly new; to read all that is here of a chat takes as long as the chat is old.
  for (let n = blockOf(range.to); n >= blockOf(range.from); n--) {
    const block = /** @type {Block | undefined} */ (await transaction.get("blocks", [chatId, n]));
    if (!block?.messages.some(({ id }) => id === act.id)) continue;
    const messages = block.messages.flatMap((message) => (message.id === act.id ? (act.change(message) ?? []) : message));
    return transaction.put("blocks", [chatId, n], { ...block, messages });
  }
}

/** The oldest messages have expired. @param {Transaction} transaction  @param {number} chatId  @param {{ from: number, to: number }} range  @param {number} first */
async function trim(transaction, chatId, range, first) {
  if (first <= range.from) return;
  if (first > range.to) return dropChat(transaction, chatId);
  await transaction.put("meta", ["range", chatId], { ...range, from: first });
  for (let n = blockOf(range.from); n < blockOf(first); n++) await transaction.delete("blocks", [chatId, n]);
  await changeBlock(transaction, chatId, blockOf(first), (messages) => messages.filter(({ seq }) => seq >= first));
}
