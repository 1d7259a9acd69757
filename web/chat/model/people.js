/** Who people are, and whether they are there: a placeholder first, then what the server says, asked for many at once. */

import { signal } from "../../vendor/preact.js";

/** @typedef {Record<string, any>} Profile */
/** @typedef {import("../../vendor/preact.js").Signal<Profile>} ProfileSignal */

const TYPING_MS = 10_000; // a frame that is not repeated within this time has ended

export class People {
  /** @type {Map<number, ProfileSignal>} */
  #people = new Map();
  /** @type {Map<number, import("../../vendor/preact.js").Signal<number[]>>} */
  #typing = new Map();
  /** @type {Map<number, () => void>} */
  #untyping = new Map();
  /** @type {Set<number>} */
  #wanted = new Set();
  /** Whose profile has been asked for: members of chats come without saying whether they are bots. @type {Set<number>} */
  #asked = new Set();
  /** Could not be fetched. @type {Set<number>} */
  #missed = new Set();
  #fetch;
  #place;

  /**
   * @param {{ fetch: (ids: number[]) => Promise<Profile[]>, place: import("../../client/surroundings.js").Surroundings }} options
   */
  constructor({ fetch, place }) {
    this.#fetch = fetch;
    this.#place = place;
  }

  /** @param {number} id @returns {ProfileSignal} */
  person(id) {
    const known = this.#people.get(id) ?? signal(/** @type {Profile} */ ({ id, username: "", fullname: "", avatar: null, status: "active", custom_status: null, presence: null }));
    if (known.peek().kind || this.#asked.has(id)) return known;
    this.#people.set(id, known);
    this.#want(id);
    return known;
  }

  /** What is known of somebody has come with something else. @param {Profile} profile with `id`, or with `user_id` as members have it */
  learn({ id, user_id, username, fullname, kind, avatar, status, custom_status }) {
    const userId = id ?? user_id;
    if (kind) this.#wanted.delete(userId);
    const known = this.#people.get(userId);
    const now = { username, fullname, avatar, status, custom_status, ...(kind && { kind }) };
    if (!known) this.#people.set(userId, signal({ presence: null, ...now, id: userId }));
    else if (Object.entries(now).some(([name, value]) => known.peek()[name] !== value)) known.value = { ...known.peek(), ...now };
  }

  /** @param {{ user_id: number, presence: string, last_seen: string | null }[]} users */
  present(users) {
    for (const { user_id, presence, last_seen } of users) {
      const known = this.#people.get(user_id);
      if (known) known.value = { ...known.peek(), presence, last_seen };
      else this.#people.set(user_id, signal({ id: user_id, username: "", fullname: "", avatar: null, status: "active", custom_status: null, presence, last_seen }));
      if (!known) this.#want(user_id);
    }
  }

  /** @param {number} chatId */
  typing(chatId) {
    const known = this.#typing.get(chatId) ?? signal(/** @type {number[]} */ ([]));
    this.#typing.set(chatId, known);
    return known;
  }

  /** @param {number} chatId  @param {number[]} userIds */
  nowTyping(chatId, userIds) {
    this.#untyping.get(chatId)?.();
    this.typing(chatId).value = userIds;
    this.#untyping.set(chatId, this.#place.after(TYPING_MS, () => (this.typing(chatId).value = [])));
  }

  /** @param {number} id */
  #want(id) {
    this.#asked.add(id);
    if (!this.#wanted.size) queueMicrotask(() => this.#ask());
    this.#wanted.add(id);
  }

  /** The server may be there again: who could not be fetched is. */
  askAgain() {
    const missed = [...this.#missed];
    this.#missed.clear();
    for (const id of missed) this.#want(id);
  }

  async #ask() {
    const ids = [...this.#wanted];
    this.#wanted.clear();
    if (!ids.length) return;
    const found = await this.#fetch(ids).catch(() => {
      for (const id of ids) this.#missed.add(id);
      return [];
    });
    for (const profile of found) this.learn(profile);
  }
}
