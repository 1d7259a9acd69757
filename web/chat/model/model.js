/**
 * What the page shows, as signals over the SDK: a copy of what the user may see, which the stream of events keeps, and what
 * they do. Views read it, and call it; nothing else talks to the servers.
 */

import { client } from "../../client/client.js";
import { Replica } from "../../client/replica.js";
import { SignedOut } from "../../client/request.js";
import { homeOf, Stream } from "../../client/stream.js";
import { surroundings } from "../../client/surroundings.js";
import { freshToken, signOut } from "../../lib/session.js";
import { batch, signal } from "../../vendor/preact.js";
import { Chats } from "./chats.js";
import { Disk } from "./disk.js";
import { Drafts } from "./drafts.js";
import { Members } from "./members.js";
import { People } from "./people.js";
import { Reading } from "./reading.js";
import { SharedOutbox } from "./shared_outbox.js";
import { SharedStream } from "./shared_stream.js";
import { Shown } from "./shown.js";
import { Tabs } from "./tabs.js";
import { Upload } from "./uploads.js";

/** @typedef {Record<string, any>} Chat */
/** @typedef {Record<string, any>} Message */
/** @typedef {import("../../client/replica.js").Json} Json */
/** @typedef {import("../../client/stream.js").StreamEvent} StreamEvent */
/** @typedef {"starting" | "live" | "connecting" | "offline" | "signed-out"} State */

const TYPED_EVERY_MS = 3000;
const AGAIN_MS = 2000;
const MOST_IDS = 100; // that the server is asked for at once
const NEWEST = 3; // messages of a chat that has not been opened: of a thousand chats they are in memory, and written each time

export class Model extends Shown {
  #replica = /** @type {Replica | null} */ (null);
  #tabs;
  #stream;
  #place;
  #chatsOf;
  #drafts;
  #reading;
  #disk;
  #outbox;
  #members;
  /** @type {Map<number, number>} */
  #typedAt = new Map();
  /** @type {((event: StreamEvent) => void)[]} */
  #listeners = [];

  /**
   * @param {{
   *   me: Json, sockets: string, token?: (refused?: string) => Promise<string>, fetch?: typeof globalThis.fetch,
   *   place?: import("../../client/surroundings.js").Surroundings, WebSocket?: typeof globalThis.WebSocket,
   *   indexedDB?: IDBFactory, browser?: import("./tabs.js").Browser,
   * }} options
   */
  constructor({ me, sockets, token = freshToken, fetch, place = surroundings(), WebSocket, indexedDB, browser }) {
    const api = client({ token, fetch });
    super({ me, people: new People({ fetch: (ids) => profilesOf(api, ids), place }) });
    this.api = api;
    this.#place = place;
    this.state = signal(/** @type {State} */ ("starting"));
    this.outbox = signal(/** @type {(import("../../client/outbox.js").Entry & { content: string })[]} */ ([]));
    this.#tabs = new Tabs({ userId: me.id, place, browser, led: (isLeader) => this.#led(isLeader), heard: (...said) => this.#told(...said) });
    this.#disk = new Disk({
      userId: me.id,
      snapshot: () => this.#replica?.snapshot(),
      written: (cursor) => this.#tabs.tell({ type: "written", cursor }),
      place,
      factory: indexedDB,
    });
    this.#chatsOf = new Chats(this, this.#disk);
    this.#members = new Members((chatId) => this.api.chats.members(chatId, { limit: 500 }).all());
    const storage = globalThis.localStorage;
    this.#drafts = new Drafts({
      there: (chatId, threadId) => (threadId === undefined ? this.chat(chatId).value?.draft : this.threadDrafts.value.get(threadId)),
      call: (...what) => this.#call(...what),
      place,
      storage,
      me: me.id,
    });
    globalThis.addEventListener?.("storage", ({ key, newValue }) => this.#drafts.changed(key, newValue));
    this.#reading = new Reading(this, place);
    this.#outbox = new SharedOutbox({
      tabs: this.#tabs,
      place,
      kept: this.#disk.store.outbox,
      post: ({ chatId, body, key }) => this.api.messages.post(chatId, body, { key }),
      changed: (entries) => {
        this.outbox.value = entries.map((entry) => ({ ...entry, content: entry.body.content ?? "" }));
        this.#chatsOf.holdOwn();
      },
      posted: (_entry, message) => this.#chatsOf.take({ kind: "NewMessage", data: message, cursor: null }),
    });
    this.#stream = new SharedStream({
      tabs: this.#tabs,
      place,
      // The pages' policy lets them connect to the sockets alone.
      make: (options) => new Stream({ ...options, sockets, WebSocket, token, sse: false, home: () => homeOf(/** @type {any} */ (this.workspaces.value)) }),
      heard: (event) => this.#hear(event),
      changed: (state) => this.#connected(state),
    });
  }

  /** Fetches what there is, and follows what happens. */
  async start() {
    this.#tabs.open();
    const [kept] = await Promise.all([this.#disk.load(), this.#outbox.open()]); // what was not posted is in sight, too
    if (kept) {
      this.#carryOn(kept.shell, kept.cursor);
      this.state.value = "connecting";
    } else await this.#fetchAll();
    this.#stream.open();
  }

  // -- what there is

  /** All members of a chat, null until they are known. @param {number} chatId */
  members(chatId) {
    return this.#members.of(chatId);
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
    // On the same connection, so that it is not overtaken by what was told before it and shown after the message.
    if (this.#typedAt.delete(chatId)) this.#stream.send("typing", { chat_id: chatId, typing: false });
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
    const data = await this.api.messages.edit(chat_id, id, { content });
    this.#chatsOf.take({ kind: "MessageUpdated", data, cursor: null });
  }

  /** @param {Message} message */
  async remove({ chat_id, id }) {
    await this.api.messages.delete(chat_id, id);
  }

  /** @param {Message} message  @param {string} emoji  @param {boolean} on */
  async react({ chat_id, id }, emoji, on) {
    await (on ? this.api.reactions.add(chat_id, id, emoji) : this.api.reactions.remove(chat_id, id, emoji));
  }

  /** @param {Message} message  @param {boolean} on */
  async pin({ chat_id, id }, on) {
    await (on ? this.api.pins.add(chat_id, id) : this.api.pins.remove(chat_id, id));
  }

  /** @param {Message} message  @param {number[]} chatIds */
  forward({ id }, chatIds) {
    for (const chatId of chatIds) this.#outbox.add(chatId, { forward_of: id });
  }

  /** The user has seen a chat's messages up to this one. @param {number} chatId  @param {number} seq */
  seen(chatId, seq) {
    this.#reading.seen(chatId, seq);
  }

  /** From this message on; nothing more is read in the chat until it is left. @param {Message} message */
  markUnread({ chat_id, seq }) {
    return this.#reading.markUnread(chat_id, seq);
  }

  /** The user has gone to another chat. @param {number} chatId */
  left(chatId) {
    this.#reading.left(chatId);
    this.#chatsOf.left(chatId);
  }

  /** What is being written in a chat, or in a thread of it. @param {number} chatId  @param {number} [threadId] */
  draft(chatId, threadId) {
    return this.#drafts.draft(chatId, threadId);
  }

  /** @param {File} file  @param {{ chatId: number }} where */
  upload(file, { chatId }) {
    const workspaceId = this.chat(chatId).peek()?.workspace_id;
    return new Upload(file, (what) => this.api.upload({ ...what, workspaceId }));
  }

  /** @param {number} chatId  @param {string | null} until */
  async mute(chatId, until) {
    await this.api.reading.setNotifications(chatId, { muted_until: until });
  }

  /** @param {number} chatId  @param {"all" | "mentions" | "none"} level */
  async level(chatId, level) {
    await this.api.reading.setNotifications(chatId, { notification_level: level });
  }

  /** A key was pressed in a chat's composer. @param {number} chatId */
  typed(chatId) {
    const now = this.#place.now();
    if (now - (this.#typedAt.get(chatId) ?? -Infinity) < TYPED_EVERY_MS) return;
    this.#typedAt.set(chatId, now);
    this.#stream.send("typing", { chat_id: chatId, typing: true });
  }

  /** Ends the session; nothing of it stays in this browser. Returns where to go next, at a provider of sign-ins, or null. */
  async signOut() {
    this.#tabs.tell({ type: "signed-out" });
    this.#end();
    await this.#disk.forget().catch(() => {});
    return signOut();
  }

  // -- how it is kept

  /** Nothing is followed, posted or written any more. */
  #end() {
    this.#stream.close();
    this.#outbox.close();
    this.#tabs.close();
  }

  /** This tab leads, or does not any more. @param {boolean} isLeader */
  #led(isLeader) {
    this.#disk.led(isLeader);
    this.#outbox.led(isLeader);
    this.#stream.led(isLeader);
  }

  /** What another tab says. @param {import("./tabs.js").Message} message  @param {boolean} isLeaders */
  #told(message, isLeaders) {
    if (message.type === "written") this.#disk.reached(message.cursor);
    else if (message.type === "signed-out") {
      this.#end();
      void this.#disk.close();
    } else {
      this.#stream.take(message, isLeaders);
      this.#outbox.take(message, isLeaders);
    }
  }

  /** @param {string} method  @param {string} path  @param {unknown} [body] */
  async #call(method, path, body) {
    const answer = await this.api.request(method, path, { body });
    return answer.status === 204 ? null : answer.json();
  }

  /** Takes a copy, to which the events after its cursor lead on. @param {Json} snapshot  @param {string} cursor */
  #carryOn(snapshot, cursor) {
    const replica = new Replica(snapshot, { newest: NEWEST });
    this.#replica = replica;
    this.#stream.cursor = cursor;
    batch(() => {
      this.show(replica);
      this.#chatsOf.reset();
      this.#members.refresh();
    });
  }

  async #fetchAll() {
    while (!(await this.#synchronise())) await new Promise((again) => void this.#place.after(AGAIN_MS, () => again(null)));
  }

  /** A fresh copy of all there is; false if there is no answer now. */
  async #synchronise() {
    try {
      const snapshot = await this.api.sync({ shape: "lean" });
      this.#carryOn(snapshot, snapshot.cursor);
      await this.#disk.begin(snapshot.cursor);
      return true;
    } catch (problem) {
      if (problem instanceof SignedOut) this.state.value = "signed-out";
      return false;
    }
  }

  /** @param {StreamEvent} event */
  #hear(event) {
    const { kind, data } = event;
    if (event.cursor && kind !== "reset") this.#disk.moved(event.cursor);
    if (kind === "ready") return;
    if (kind === "reset") return void this.#startAnew(data.reason);
    if (kind === "Typing") return this.people.nowTyping(data.chat_id, data.user_ids);
    if (kind === "PresenceChanged") return this.people.present(data.users);
    if (kind === "UserUpdated") this.people.learn(data);
    if (kind === "MessageDeleted" || kind === "MessageUpdated") this.#outbox.forget(data.id);
    const replica = this.#replica;
    if (!replica) return;
    const changes = replica.apply(event);
    batch(() => {
      this.showChanges(replica, changes);
      this.#members.take(kind, data);
      this.#chatsOf.take(event);
      for (const id of changes.left) {
        this.#chatsOf.forget(id);
        this.#members.forget(id);
      }
    });
    this.#disk.take(event, changes.left);
    if (this.state.value === "live") for (const listener of this.#listeners) listener(event);
  }

  /** Calls it with each event as it happens, and not with those that were missed. @param {(event: StreamEvent) => void} listener */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** The copy cannot be carried on: the server no longer has what was missed. @param {string} reason */
  async #startAnew(reason) {
    this.#stream.close();
    await this.#fetchAll();
    this.#stream.open();
    if (reason === "lost") await this.#outbox.putBack();
  }

  /** As it is in all tabs. @param {import("./shared_stream.js").State} state */
  #connected(state) {
    const before = this.state.value;
    this.state.value = state;
    if (state !== "live" || before === "live") return;
    this.#outbox.wake();
    this.people.askAgain();
    this.#askPresence();
  }

  /** Whose presence is not told by events is asked for once a stream is open. */
  async #askPresence() {
    for (const { id } of this.workspaces.peek()) {
      const found = await this.api.users.presence({ workspace_id: id, limit: 500 }).page().catch(() => []);
      this.people.present(found);
    }
  }
}

/** @param {ReturnType<typeof client>} api  @param {number[]} ids */
async function profilesOf(api, ids) {
  /** @type {Json[]} */
  const found = [];
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    found.push(...(await api.users.list({ ids: ids.slice(at, at + MOST_IDS).join(",") }).page()));
  }
  return found;
}
