/** What the user has read: the newest that was seen of a chat goes out, at most twice a second. */

/** @typedef {import("./model.js").Model} Model */

const PAUSE_MS = 500;

export class Reading {
  /** The newest that was seen, by chat. @type {Map<number, number>} */
  #seen = new Map();
  /** Chats of which it is to be told. @type {Set<number>} */
  #untold = new Set();
  /** Chats that were marked as unread, in which nothing is read until they are left. @type {Set<number>} */
  #stopped = new Set();
  #model;
  #place;
  #isWaiting = false;

  /** @param {Model} model  @param {import("../../client/surroundings.js").Surroundings} place */
  constructor(model, place) {
    this.#model = model;
    this.#place = place;
  }

  /** @param {number} chatId  @param {number} seq */
  seen(chatId, seq) {
    const chat = this.#model.chat(chatId).peek();
    if (!chat || this.#stopped.has(chatId) || seq <= Math.max(chat.last_read_seq, this.#seen.get(chatId) ?? 0)) return;
    this.#seen.set(chatId, seq);
    this.#untold.add(chatId);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#tell();
    this.#place.after(PAUSE_MS, () => {
      this.#isWaiting = false;
      this.#tell();
    });
  }

  /** @param {number} chatId  @param {number} seq */
  async markUnread(chatId, seq) {
    this.#stopped.add(chatId);
    this.#seen.delete(chatId);
    this.#untold.delete(chatId);
    await this.#model.api.reading.markUnread(chatId, { seq });
  }

  /** @param {number} chatId */
  left(chatId) {
    this.#stopped.delete(chatId);
  }

  #tell() {
    for (const chatId of this.#untold) {
      const seq = this.#seen.get(chatId) ?? 0;
      // What could not be told is told with what is seen next.
      this.#model.api.reading.moveMarker(chatId, { seq }).catch(() => this.#seen.delete(chatId));
    }
    this.#untold.clear();
  }
}
