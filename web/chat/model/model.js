/**
 * What the page shows, as signals over the SDK: a copy of what the user may see, which the stream of events keeps, and what
 * they do. Views read it, and call it; nothing else talks to the servers.
 */

import { keptInMemory, Outbox } from "../../client/outbox.js";
import { Replica } from "../../client/replica.js";
import { SignedOut } from "../../client/request.js";
import { Stream } from "../../client/stream.js";
import { surroundings } from "../../client/surroundings.js";
import * as browserSession from "../../lib/session.js";
import { batch, computed, signal } from "../../vendor/preact.js";
import { Chats } from "./chats.js";
import { Drafts } from "./drafts.js";
import { People } from "./people.js";
import { Upload } from "./uploads.js";

/** @typedef {Record<string, any>} Chat */
/** @typedef {Record<string, any>} Message */
/** @typedef {import("../../client/replica.js").Json} Json */
/** @typedef {import("../../client/stream.js").StreamEvent} StreamEvent */
/** @typedef {"starting" | "live" | "connecting" | "offline" | "signed-out"} State */

const TYPED_EVERY_MS = 3000;
const AGAIN_MS = 2000;

export class Model {
  #replica = /** @type {Replica | null} */ (null);
  #stream;
  #session;
  #place;
  #chatsOf;
  #drafts;
  #outbox;
  /** @type {Map<number, ReturnType<typeof computed<Chat | undefined>>>} */
  #chatSignals = new Map();
  /** @type {Map<number, import("../../vendor/preact.js").Signal<Json[] | null>>} */
  #members = new Map();
  /** @type {Map<number, number>} */
  #typedAt = new Map();

  /**
   * @param {{
   *   me: Json, sockets: string, session?: Pick<typeof browserSession, "call" | "list" | "freshToken">,
   *   place?: import("../../client/surroundings.js").Surroundings, WebSocket?: typeof globalThis.WebSocket,
   * }} options
   */
  constructor({ me, sockets, session = browserSession, place = surroundings(), WebSocket }) {
    this.#session = session;
    this.#place = place;
    this.me = signal(me);
    this.state = signal(/** @type {State} */ ("starting"));
    this.workspaces = signal(/** @type {Json[]} */ ([]));
    this.invitations = signal(/** @type {Json[]} */ ([]));
    this.reports = signal(/** @type {Json[]} */ ([]));
    this.presenceMode = signal("auto");
    this.chats = signal(/** @type {ReadonlyMap<number, Chat>} */ (new Map()));
    this.boards = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.pages = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.threads = signal(/** @type {ReadonlyMap<number, Json>} */ (new Map()));
    this.emoji = signal(/** @type {ReadonlyMap<number, ReadonlyMap<string, Json>>} */ (new Map()));
    this.outbox = signal(/** @type {(import("../../client/outbox.js").Entry & { content: string })[]} */ ([]));
    this.people = new People({ fetch: (ids) => this.#profiles(ids), place });
    this.#chatsOf = new Chats(this, session);
    this.#drafts = new Drafts({ chat: (id) => this.chat(id), call: session.call, place, storage: globalThis.localStorage, me: me.id });
    this.#outbox = new Outbox({
      place,
      kept: keptInMemory(),
      post: ({ chatId, body, key }) => session.call("POST", `/chats/${chatId}/messages`, body, { "Idempotency-Key": key }),
      changed: (entries) => {
        this.outbox.value = entries.map((entry) => ({ ...entry, content: entry.body.content ?? "" }));
        this.#chatsOf.holdOwn();
      },
      posted: (_entry, message) => this.#chatsOf.take({ kind: "NewMessage", data: message, cursor: null }),
    });
    this.#stream = new Stream({
      sockets,
      place,
      WebSocket,
      token: (refused) => session.freshToken(refused),
      heard: (event) => this.#hear(event),
      changed: (state) => this.#connected(state),
    });
  }

  /** Fetches what there is, and follows what happens. */
  async start() {
    while (!(await this.#synchronise())) await new Promise((again) => void this.#place.after(AGAIN_MS, () => again(null)));
    this.#stream.open();
    await this.#outbox.open();
  }

  // -- what there is

  /** One object for each chat, that changes when this chat does. @param {number} id */
  chat(id) {
    const known = this.#chatSignals.get(id) ?? computed(() => this.chats.value.get(id));
    this.#chatSignals.set(id, known);
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

  /** All members of a chat, null until they are known. @param {number} chatId */
  members(chatId) {
    const known = this.#members.get(chatId) ?? signal(/** @type {Json[] | null} */ (null));
    if (this.#members.has(chatId)) return known;
    this.#members.set(chatId, known);
    const here = this.chat(chatId).peek()?.members;
    if (here) known.value = here;
    else this.#session.list(`/chats/${chatId}/members`).then((all) => (known.value = all), () => this.#members.delete(chatId));
    return known;
  }

  /** @param {number} chatId */
  timeline(chatId) {
    return this.#chatsOf.timeline(chatId);
  }

  /** A thread's replies. @param {number} threadId  @param {number} [chatId] if it is not followed and not in sight */
  thread(threadId, chatId) {
    return this.#chatsOf.thread(threadId, chatId);
  }

  // -- what the user does

  /**
   * Shows a message at once, and posts it as soon as that is possible. Returns its key.
   *
   * @param {number} chatId
   * @param {{ content?: string, type?: string, file_ids?: number[], reply_to?: number, thread_id?: number, metadata?: Json }} message
   */
  send(chatId, { content, type, file_ids, reply_to, thread_id, metadata }) {
    const answered = reply_to ?? thread_id;
    const files = file_ids?.length ? file_ids : undefined;
    const body = { ...(content && { content }), ...(type && { type }), ...(files && { files }), ...(answered && { reply_to: answered }), ...(metadata && { metadata }) };
    return this.#outbox.add(chatId, body).key;
  }

  /** @param {string} key */
  retry(key) {
    this.#outbox.retry(key);
  }

  /** @param {string} key */
  discard(key) {
    return this.#outbox.discard(key);
  }

  /** @param {Message} message  @param {string} content */
  async edit({ chat_id, id }, content) {
    const data = await this.#session.call("PATCH", `/chats/${chat_id}/messages/${id}`, { content });
    this.#chatsOf.take({ kind: "MessageUpdated", data, cursor: null });
  }

  /** @param {Message} message */
  async remove({ chat_id, id }) {
    await this.#session.call("DELETE", `/chats/${chat_id}/messages/${id}`);
  }

  /** @param {Message} message  @param {string} emoji  @param {boolean} on */
  async react({ chat_id, id }, emoji, on) {
    await this.#session.call(on ? "PUT" : "DELETE", `/chats/${chat_id}/messages/${id}/reactions/${encodeURIComponent(emoji)}`);
  }

  /** @param {Message} message  @param {boolean} on */
  async pin({ chat_id, id }, on) {
    await this.#session.call(on ? "PUT" : "DELETE", `/chats/${chat_id}/messages/${id}/pin`);
  }

  /** @param {Message} message  @param {number[]} chatIds */
  forward({ id }, chatIds) {
    for (const chatId of chatIds) this.#outbox.add(chatId, { forward_of: id });
  }

  /** The user has seen a chat's messages up to this one. @param {number} chatId  @param {number} seq */
  async seen(chatId, seq) {
    const chat = this.chat(chatId).peek();
    if (!chat || seq <= chat.last_read_seq) return;
    await this.#session.call("POST", `/chats/${chatId}/read`, { seq }).catch(() => {});
  }

  /** @param {Message} message */
  async markUnread({ chat_id, seq }) {
    await this.#session.call("POST", `/chats/${chat_id}/unread`, { seq });
  }

  /** @param {number} chatId  @param {string | null} until */
  async mute(chatId, until) {
    await this.#session.call("PATCH", `/chats/${chatId}/me`, { muted_until: until });
  }

  /** @param {number} chatId  @param {"all" | "mentions" | "none"} level */
  async level(chatId, level) {
    await this.#session.call("PATCH", `/chats/${chatId}/me`, { notification_level: level });
  }

  /** What is being written in a chat or a thread, here and elsewhere. @param {number} chatId  @param {number} [threadId] */
  draft(chatId, threadId) {
    return this.#drafts.draft(chatId, threadId);
  }

  /** Uploads a file, that goes with a message to a chat. @param {File} file  @param {{ chatId: number }} place */
  upload(file, { chatId }) {
    return new Upload(file, this.chat(chatId).peek()?.workspace_id, this.#session.freshToken);
  }

  /** A key was pressed in a chat's composer. @param {number} chatId */
  typed(chatId) {
    const now = this.#place.now();
    if (now - (this.#typedAt.get(chatId) ?? -Infinity) < TYPED_EVERY_MS) return;
    this.#typedAt.set(chatId, now);
    this.#stream.send("typing", { chat_id: chatId, typing: true });
  }

  // -- how it is kept

  /** A fresh copy of all there is; false if there is no answer now. */
  async #synchronise() {
    try {
      const snapshot = await this.#session.call("GET", "/sync");
      this.#replica = new Replica(snapshot);
      this.#stream.cursor = snapshot.cursor;
      batch(() => {
        this.#show();
        this.#chatsOf.reset();
      });
      return true;
    } catch (problem) {
      if (problem instanceof SignedOut) this.state.value = "signed-out";
      return false;
    }
  }

  #show() {
    const replica = this.#replica;
    if (!replica) return;
    this.me.value = replica.user;
    this.presenceMode.value = replica.presenceMode;
    this.workspaces.value = [...replica.workspaces.values()];
    this.invitations.value = [...replica.invitations.values()];
    this.reports.value = [...replica.reports.values()];
    this.emoji.value = new Map(replica.emoji);
    for (const part of /** @type {const} */ (["chats", "boards", "pages", "threads"])) this[part].value = new Map(replica[part]);
    for (const chat of replica.chats.values()) for (const member of chat.members ?? []) this.people.learn(member);
  }

  /** @param {StreamEvent} event */
  #hear(event) {
    const { kind, data } = event;
    if (kind === "ready") return this.#ready();
    if (kind === "reset") return void this.#startAnew();
    if (kind === "Typing") return this.people.nowTyping(data.chat_id, data.user_ids);
    if (kind === "PresenceChanged") return this.people.present(data.users);
    if (kind === "UserUpdated") this.people.learn(data);
    const replica = this.#replica;
    if (!replica) return;
    const changes = replica.apply(event);
    batch(() => {
      for (const part of /** @type {const} */ (["chats", "boards", "pages", "threads"])) {
        if (changes[part].size) this[part].value = new Map(replica[part]);
      }
      if (changes.parts.size) this.#show();
      for (const id of changes.chats) this.#followMembers(id);
      this.#chatsOf.take(event);
      for (const id of changes.left) this.#chatsOf.forget(id);
    });
  }

  /** @param {number} chatId */
  #followMembers(chatId) {
    const known = this.#members.get(chatId);
    if (!known) return;
    const here = this.chat(chatId).peek()?.members;
    if (here && here !== known.peek()) known.value = here;
    else if (!here) this.#members.delete(chatId); // and are fetched when they are looked at
  }

  /** The copy cannot be carried on: the server no longer has what was missed. */
  async #startAnew() {
    this.#stream.close();
    this.state.value = "connecting";
    await this.start();
  }

  #ready() {
    this.state.value = "live";
    this.#outbox.wake();
    this.#askPresence();
  }

  /** @param {import("../../client/socket.js").State} state */
  #connected(state) {
    if (state === "offline") this.state.value = "offline";
    else if (state !== "open" && state !== "closed") this.state.value = "connecting";
  }

  /** Whose presence is not told by events is asked for once a stream is open. */
  async #askPresence() {
    for (const { id } of this.workspaces.peek()) {
      const found = await this.#session.call("GET", `/presence?workspace_id=${id}&limit=500`).catch(() => []);
      this.people.present(found);
    }
  }

  /** @param {number[]} ids */
  async #profiles(ids) {
    /** @type {Json[]} */
    const found = [];
    for (const { id } of this.workspaces.peek()) {
      found.push(...(await this.#session.list(`/users?workspace_id=${id}&limit=500`)));
      if (ids.every((wanted) => found.some((one) => one.id === wanted))) break;
    }
    return found;
  }
}
