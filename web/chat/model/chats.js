/** The timelines of chats and threads that were opened last, and what events do to them. */

import { changeOf } from "../../client/replica/messages.js";
import { computed } from "../../vendor/preact.js";
import { Timeline } from "./timeline.js";

/** @typedef {Record<string, any>} Message */
/** @typedef {import("./model.js").Model} Model */

const MOST = 20;

export class Chats {
  /** By "chat" or "chat/thread", the one that was opened last at the end. @type {Map<string, { chatId: number, threadId?: number, timeline: Timeline }>} */
  #open = new Map();
  #model;
  #disk;

  /** @param {Model} model  @param {import("./disk.js").Disk} disk */
  constructor(model, disk) {
    this.#model = model;
    this.#disk = disk;
  }

  /** @param {number} chatId */
  timeline(chatId) {
    const chat = this.#model.chat(chatId).peek();
    const first = chat && chat.unread > 0 ? Math.max(chat.last_read_seq + 1, chat.first_seq) : null;
    const timeline = this.#opened(`${chatId}`, chatId, undefined, () => ({ newest: chat?.messages, isAll: isAll(chat) }));
    timeline.firstUnread ??= first;
    return timeline;
  }

  /** @param {number} threadId  @param {number} [chatId] */
  thread(threadId, chatId) {
    const known = chatId ?? this.#chatOf(threadId);
    return this.#opened(`${known}/${threadId}`, known, threadId, () => ({}));
  }

  /** Applies an event to what is open. @param {import("../../client/stream.js").StreamEvent} event */
  take({ kind, data }) {
    const chatId = data.chat_id ?? data.id;
    if (kind === "NewChat") return this.reset(chatId); // an import has added to it
    for (const { chatId: of, threadId, timeline } of this.#open.values()) {
      if (of !== chatId) continue;
      if (kind === "NewMessage" && (threadId === undefined || data.thread_id === threadId)) timeline.append(data);
      else timeline.change(changeOfAll(kind, data));
    }
    if (kind === "NewMessage" && data.sender_id === this.#model.me.peek().id) this.holdOwn();
  }

  /** What is open begins again with a fresh snapshot. @param {number} [only] of this chat alone */
  reset(only) {
    for (const { chatId, threadId, timeline } of this.#open.values()) {
      if (only !== undefined && chatId !== only) continue;
      const chat = this.#model.chat(chatId).peek();
      if (chat && threadId === undefined && isAll(chat)) timeline.reset(chat.messages, true);
      else if (chat) timeline.refresh().catch(() => {});
    }
  }

  /** @param {number} chatId */
  forget(chatId) {
    for (const [key, { chatId: of, timeline }] of this.#open) {
      if (of !== chatId) continue;
      timeline.reset([], true);
      this.#open.delete(key);
    }
  }

  /** What was unread when it was opened is not any more. @param {number} chatId */
  left(chatId) {
    const timeline = this.#open.get(`${chatId}`)?.timeline;
    if (timeline) timeline.firstUnread = null;
  }

  /**
   * While a message of ours is on its way, our newer messages in its chat are not shown: one of them may be that message,
   * whose event is often here before the answer that says so.
   */
  holdOwn() {
    const me = this.#model.me.peek().id;
    const sending = this.#model.outbox.peek().filter(({ state }) => state === "sending");
    const after = new Map(sending.map((entry) => [entry.chatId, this.#sentAfter(entry)]));
    for (const { chatId, timeline } of this.#open.values()) {
      const from = after.get(chatId) ?? Infinity;
      timeline.hold(new Set(timeline.messages.filter(({ sender_id, id }) => sender_id === me && id > from).map(({ id }) => id)));
    }
  }

  /** @type {Map<string, number>} */
  #newestAt = new Map();

  /** The newest message that was there when this one set out. @param {{ key: string, chatId: number }} entry */
  #sentAfter({ key, chatId }) {
    const known = this.#newestAt.get(key) ?? this.#model.chat(chatId).peek()?.messages.at(-1)?.id ?? 0;
    if (!this.#newestAt.has(key)) this.#newestAt = new Map([...[...this.#newestAt].slice(-MOST), [key, known]]);
    return known;
  }

  /**
   * @param {string} key  @param {number} chatId  @param {number | undefined} threadId
   * @param {() => { newest?: Message[], isAll?: boolean, firstUnread?: number | null }} begin
   */
  #opened(key, chatId, threadId, begin) {
    const known = this.#open.get(key)?.timeline ?? this.#made(chatId, threadId, begin());
    this.#open.delete(key);
    this.#open.set(key, { chatId, threadId, timeline: known });
    if (this.#open.size > MOST) this.#open.delete([...this.#open.keys()][0]);
    return known;
  }

  /** @param {number} chatId  @param {number | undefined} threadId  @param {{ newest?: Message[], isAll?: boolean, firstUnread?: number | null }} begun */
  #made(chatId, threadId, begun) {
    const { threads } = this.#model.api;
    const timeline = new Timeline({
      ...begun,
      pending: computed(() => this.#pending(chatId, threadId)),
      fetch: (query, kept) => (threadId === undefined ? this.#history(chatId, query, kept) : threads.replies(chatId, threadId, query).page()),
      kept: async (query) => (threadId === undefined ? this.#kept(chatId, timeline, query) : []),
    });
    // Without a network there is what is here; `older` and `toNewest` try again.
    if (!begun.isAll) timeline.refresh().catch(() => {});
    return timeline;
  }

  /** A part of a chat's history, from the disk if all of it is there. @param {number} chatId  @param {Record<string, number>} query  @param {import("./timeline.js").Message[]} kept */
  async #history(chatId, query, kept) {
    const first = this.#model.chat(chatId).peek()?.first_seq ?? 1;
    if (kept.length === query.limit || kept[0]?.seq === first) return kept;
    return this.#disk.fetched(chatId, () => this.#model.api.messages.list(chatId, query).page());
  }

  /** As much of it as the disk has up to what is shown, or up to the newest. @param {number} chatId  @param {Timeline} timeline  @param {Record<string, number>} query */
  async #kept(chatId, timeline, query) {
    const isNewest = !query.before_id && !query.after_id && !query.around_id;
    const end = isNewest ? (this.#model.chat(chatId).peek()?.last_seq ?? 0) + 1 : query.before_id && timeline.messages[0]?.seq;
    return end ? this.#disk.before(chatId, end, query.limit) : [];
  }

  /** Messages of this chat that are not posted yet, as rows. @param {number} chatId  @param {number} [threadId] */
  #pending(chatId, threadId) {
    const me = this.#model.me.value.id;
    return this.#model.outbox.value
      .filter((entry) => entry.chatId === chatId && (threadId === undefined || entry.body.reply_to === threadId))
      .map((entry) => rowOf(entry, me));
  }

  /** @param {number} threadId */
  #chatOf(threadId) {
    const followed = this.#model.threads.peek().get(threadId)?.chat_id;
    if (followed) return followed;
    for (const { chatId, timeline } of this.#open.values()) if (timeline.messages.some(({ id }) => id === threadId)) return chatId;
    throw new Error(`The chat of thread ${threadId} is not known here.`);
  }
}

/** @param {import("../../client/outbox.js").Entry} entry  @param {number} me */
function rowOf(entry, me) {
  const { key, chatId, body, madeAt } = entry;
  return {
    id: key, chat_id: chatId, seq: null, sender_id: me, type: body.type ?? "text", content: body.content ?? "",
    metadata: body.metadata ?? null, reply_to: body.reply_to ?? null, thread_id: null, thread_seq: null, thread: null,
    mentions: [], mentions_everyone: null, forwarded_from: null, files: [], reactions: [],
    created_at: new Date(madeAt).toISOString(), updated_at: null, deleted_at: null, deleted_by: null, pending: entry,
  };
}

/** @param {Record<string, any> | undefined} chat whether a snapshot has all its messages */
function isAll(chat) {
  if (!chat) return false;
  return chat.messages.length ? chat.messages[0].seq <= chat.first_seq : chat.first_seq > chat.last_seq;
}

/** What an event does to the messages of its chat. @param {string} kind  @param {any} data @returns {(message: Message) => Message | null} */
function changeOfAll(kind, data) {
  if (kind === "ChatUpdated") return (message) => (message.seq < data.first_seq ? null : message);
  const one = changeOf(kind, data);
  return (message) => (message.id === one?.id ? one?.change(message) ?? null : message);
}
