/**
 * A database of IndexedDB. A connection that is lost, as Safari loses them, is opened again once; what fails then fails for
 * its user, who goes on in memory.
 */

/** @typedef {import("../store.js").Transaction} Transaction */

const VERSION = 1;
export const STORES = ["shell", "blocks", "outbox", "drafts", "meta"];
/** What outlives a change of the schema: only the user has it. */
const KEPT = ["outbox", "drafts"];

export class IndexedDatabase {
  #factory;
  #name;
  /** @type {Promise<IDBDatabase> | null} */
  #opening = null;

  /** @param {string} name  @param {IDBFactory} [factory] */
  constructor(name, factory = globalThis.indexedDB) {
    this.#name = name;
    this.#factory = factory;
  }

  /** @template T @param {"readonly" | "readwrite"} mode  @param {(transaction: Transaction) => Promise<T>} act @returns {Promise<T>} */
  async run(mode, act) {
    try {
      return await this.#run(mode, act);
    } catch (problem) {
      if (!(problem instanceof DOMException)) throw problem;
      this.close();
      return this.#run(mode, act);
    }
  }

  close() {
    this.#opening?.then((database) => database.close(), () => {});
    this.#opening = null;
  }

  async destroy() {
    this.close();
    await done(this.#factory.deleteDatabase(this.#name));
  }

  /** @template T @param {"readonly" | "readwrite"} mode  @param {(transaction: Transaction) => Promise<T>} act @returns {Promise<T>} */
  async #run(mode, act) {
    const database = await (this.#opening ??= this.#open());
    const transaction = database.transaction(STORES, mode, { durability: "relaxed" });
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(null);
      transaction.onabort = () => reject(transaction.error ?? new DOMException("The transaction was given up.", "AbortError"));
    });
    complete.catch(() => {});
    try {
      const result = await act(operations(transaction));
      await complete;
      return result;
    } catch (problem) {
      try {
        transaction.abort();
      } catch {
        // It has ended already.
      }
      throw problem;
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  async #open() {
    const request = this.#factory.open(this.#name, VERSION);
    request.onupgradeneeded = () => {
      for (const store of STORES) if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store);
    };
    try {
      const database = await done(request);
      // Another tab wants to delete the database, or has a newer schema.
      database.onversionchange = () => this.close();
      database.onclose = () => (this.#opening = null);
      return database;
    } catch (problem) {
      this.#opening = null;
      if (problem.name !== "VersionError") throw problem;
      await this.#goBack();
      return this.#open();
    }
  }

  /** The database has a newer schema, which cannot be read: begins anew with what must not be lost. */
  async #goBack() {
    const database = await done(this.#factory.open(this.#name));
    /** @type {[string, IDBValidKey, any][]} */
    const kept = [];
    for (const store of KEPT.filter((name) => database.objectStoreNames.contains(name))) {
      const records = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([done(records.getAllKeys()), done(records.getAll())]);
      keys.forEach((key, at) => kept.push([store, key, values[at]]));
    }
    database.close();
    await done(this.#factory.deleteDatabase(this.#name));
    await this.#run("readwrite", async (transaction) => {
      for (const [store, key, value] of kept) await transaction.put(store, /** @type {any} */ (key), value);
    });
  }
}

/** @param {IDBTransaction} transaction @returns {Transaction} */
function operations(transaction) {
  const of = (/** @type {string} */ store) => transaction.objectStore(store);
  const from = (/** @type {number | undefined} */ first) => (first === undefined ? undefined : IDBKeyRange.bound([first], [first, []]));
  return {
    get: (store, id) => done(of(store).get(id)),
    all: (store, first) => done(of(store).getAll(from(first))),
    put: async (store, id, value) => void (await done(of(store).put(value, id))),
    delete: (store, id) => done(of(store).delete(id)),
    deleteAll: async (store, first) => {
      const range = from(first);
      await done(range ? of(store).delete(range) : of(store).clear());
    },
  };
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
