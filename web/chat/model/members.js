/** The members of chats that are looked at: fetched once, then kept by events. */

import { signal } from "../../vendor/preact.js";

/** @typedef {Record<string, any>} Member */
/** @typedef {import("../../vendor/preact.js").Signal<Member[] | null>} MembersSignal */

export class Members {
  /** @type {Map<number, MembersSignal>} */
  #of = new Map();
  #fetch;

  /** @param {(chatId: number) => Promise<Member[]>} fetch */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** @param {number} chatId @returns {MembersSignal} null until they are known */
  of(chatId) {
    const known = this.#of.get(chatId) ?? signal(/** @type {Member[] | null} */ (null));
    if (!this.#of.has(chatId)) this.#load(chatId, known);
    return known;
  }

  /** @param {string} kind  @param {any} data */
  take(kind, data) {
    if (kind === "UserUpdated") return this.#changeAll(data);
    const known = this.#of.get(data.chat_id);
    const members = known?.peek();
    if (!known || !members) return;
    const others = members.filter(({ user_id }) => user_id !== data.user_id);
    if (kind === "UserLeftChat") known.value = others;
    else if (kind === "UserJoinedChat" || kind === "ChatMemberUpdated") known.value = [...others, data];
    else if (kind === "ReadMarkerMoved" || kind === "NewMessage") {
      const [who, seq] = kind === "NewMessage" ? [data.sender_id, data.seq] : [data.user_id, data.last_read_seq];
      known.value = members.map((member) => (member.user_id === who ? { ...member, last_read_seq: seq } : member));
    }
  }

  /** Events were missed. */
  refresh() {
    for (const [chatId, known] of this.#of) this.#load(chatId, known);
  }

  /** @param {number} chatId */
  forget(chatId) {
    this.#of.delete(chatId);
  }

  /** @param {number} chatId  @param {MembersSignal} known */
  #load(chatId, known) {
    this.#of.set(chatId, known);
    this.#fetch(chatId).then(
      (all) => (known.value = all),
      () => this.#of.get(chatId) === known && !known.peek() && this.#of.delete(chatId),
    );
  }

  /** @param {Record<string, any>} user */
  #changeAll({ id, username, fullname, avatar, status, custom_status }) {
    for (const known of this.#of.values()) {
      const members = known.peek();
      if (!members?.some(({ user_id }) => user_id === id)) continue;
      known.value = members.map((one) => (one.user_id === id ? { ...one, username, fullname, avatar, status, custom_status } : one));
    }
  }
}
