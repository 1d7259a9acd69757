/** A database that is kept in memory alone: where there is no disk, or it has failed. */

/** @typedef {import("../store.js").Transaction} Transaction */

export class MemoryDatabase {
  /** @type {Map<string, Map<string, any>>} */
  #stores = new Map();
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * All of it or, if it throws, nothing. @template T
   * @param {"readonly" | "readwrite"} _mode
   * @param {(transaction: Transaction) => Promise<T>} act
   * @returns {Promise<T>}
   */
  run(_mode, act) {
    const turn = this.#last.then(async () => {
      const before = new Map([...this.#stores].map(([name, records]) => [name, new Map(records)]));
      try {
        return await act(this.#transaction());
      } catch (problem) {
        this.#stores = before;
        throw problem;
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  close() {}

  async destroy() {
    this.#stores.clear();
  }

  /** @returns {Transaction} */
  #transaction() {
    const records = (/** @type {string} */ store) => {
      if (!this.#stores.has(store)) this.#stores.set(store, new Map());
      return /** @type {Map<string, any>} */ (this.#stores.get(store));
    };
    const key = JSON.stringify;
    return {
      get: async (store, id) => structuredClone(records(store).get(key(id))),
      all: async (store, first) => structuredClone([...records(store)].filter(([id]) => first === undefined || JSON.parse(id)[0] === first).map(([, value]) => value)),
      put: async (store, id, value) => void records(store).set(key(id), structuredClone(value)),
      delete: async (store, id) => void records(store).delete(key(id)),
      deleteAll: async (store, first) => {
        for (const id of [...records(store).keys()]) if (first === undefined || JSON.parse(id)[0] === first) records(store).delete(id);
      },
    };
  }
}
