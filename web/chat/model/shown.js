/** What there is for the user, as signals over the SDK's copy: each part is another object when something in it has changed. */

import { computed, signal } from "../../vendor/preact.js";
import { aboutOf } from "./about.js";

/** @typedef {Record<string, any>} Chat */
/** @typedef {import("../../client/replica.js").Json} Json */
/** @typedef {import("../../client/replica.js").Replica} Replica */

const LISTS = /** @type {const} */ (["workspaces", "invitations", "organizations", "announcements", "delegations", "reports"]);
const BY_ID = /** @type {const} */ (["chats", "boards", "pages", "threads", "threadDrafts"]);

export class Shown {
  /** @type {Map<number, ReturnType<typeof computed<Chat | undefined>>>} */
  #chats = new Map();
  /** @type {Map<number, ReturnType<typeof aboutOf>>} */
  #abouts = new Map();

  /** @param {{ me: Json, people: import("./people.js").People }} options */
  constructor({ me, people }) {
    this.people = people;
    this.me = signal(me);
    this.workspaces = signal(/** @type {Json[]} */ ([]));
    this.invitations = signal(/** @type {Json[]} */ ([]));
    this.organizations = signal(/** @type {Json[]} */ ([]));
    this.announcements = signal(/** @type {Json[]} */ ([]));
    this.delegations = signal(/** @type {Json[]} */ ([]));
    this.reports = signal(/** @type {Json[]} */ ([]));
    this.presenceMode = signal("auto");
    this.chats = signal(/** @type {ReadonlyMap<number, Chat>} */ (new Map()));
    this.boards = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.pages = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.threads = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.threadDrafts = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.emoji = signal(/** @type {ReadonlyMap<number, ReadonlyMap<string, Json>>} */ (new Map()));
  }

  /** One object for each chat, that changes when this chat does. @param {number} id */
  chat(id) {
    const known = this.#chats.get(id) ?? computed(() => this.chats.value.get(id));
    this.#chats.set(id, known);
    return known;
  }

  /** What a chat is, without its messages and what is unread of them: it does not change with these. @param {number} id */
  about(id) {
    const known = this.#abouts.get(id) ?? aboutOf(this.chat(id));
    this.#abouts.set(id, known);
    return known;
  }

  /** @param {number} id */
  person(id) {
    return this.people.person(id);
  }

  /** @param {number} chatId */
  typing(chatId) {
    return this.people.typing(chatId);
  }

  /** All of a copy. @param {Replica} replica */
  show(replica) {
    this.me.value = replica.user;
    this.people.learn({ kind: "person", ...replica.user });
    this.presenceMode.value = replica.presenceMode;
    for (const part of LISTS) this[part].value = [...replica[part].values()];
    this.emoji.value = new Map(replica.emoji);
    for (const part of BY_ID) this[part].value = new Map(replica[part]);
    for (const chat of replica.chats.values()) for (const member of chat.members ?? []) this.people.learn(member);
  }

  /** What an event has changed of it. @param {Replica} replica  @param {import("../../client/replica.js").Changes} changes */
  showChanges(replica, changes) {
    for (const part of BY_ID) {
      if (changes[part].size) this[part].value = new Map(replica[part]);
    }
    if (changes.parts.size) this.show(replica);
  }
}
