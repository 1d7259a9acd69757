/** Events of messages, threads, reactions and pins, applied to a copy. */

import { marked, mentions } from "./chats.js";

/** @typedef {import("../replica.js").Rule} Rule */
/** @typedef {import("../replica.js").Json} Json */
/** @typedef {import("../replica.js").Replica} Replica */
/** @typedef {import("../replica.js").Changes} Changes */

/** How many of the newest messages of each chat are here; the rest is fetched. */
export const NEWEST = 20;

/** @type {Record<string, Rule>} */
export const messageRules = {
  NewMessage(copy, data, changes) {
    const chat = copy.chats.get(data.chat_id);
    const isOwn = data.sender_id === copy.user.id;
    if (chat) {
      const messages = chat.messages.filter((/** @type {Json} */ { id }) => id !== data.id);
      const now = { ...chat, messages: [...messages, data].slice(-copy.newest), last_seq: Math.max(chat.last_seq, data.seq) };
      Object.assign(now, marked(copy, now, data.sender_id, data.seq));
      if (isOwn) Object.assign(now, mentions(now, []));
      copy.changeChat(chat.id, { ...now, ...mentioned(copy, now, data) }, changes);
    }
    const followed = copy.threads.get(data.thread_id);
    if (isOwn && followed) {
      const last_read_seq = Math.max(followed.last_read_seq, data.thread_seq);
      changeThread(copy, data.thread_id, { last_read_seq }, changes);
    }
  },

  MessageUpdated(copy, data, changes) {
    const chat = copy.chats.get(data.chat_id);
    if (chat) copy.changeChat(chat.id, { ...replaced(chat, data), ...mentioned(copy, chat, data) }, changes);
  },

  MessageFilesReady(copy, data, changes) {
    const chat = copy.chats.get(data.chat_id);
    if (chat) copy.changeChat(chat.id, replaced(chat, data), changes);
  },

  MessageLinksUpdated(copy, data, changes) {
    const chat = copy.chats.get(data.chat_id);
    if (chat) copy.changeChat(chat.id, replaced(chat, data), changes);
  },

  MessageDeleted(copy, { removed, ...tombstone }, changes) {
    const chat = copy.chats.get(tombstone.chat_id);
    if (chat) {
      const left = removed
        ? { messages: chat.messages.filter((/** @type {Json} */ { id }) => id !== tombstone.id) }
        : replaced(chat, tombstone);
      copy.changeChat(chat.id, { ...left, ...mentioned(copy, chat, tombstone), ...unpinned(chat, tombstone.id) }, changes);
    }
    if (removed) copy.endThreads(({ thread_id }) => thread_id === tombstone.id, changes);
  },

  ThreadUpdated(copy, { chat_id, thread_id, thread }, changes) {
    changeMessage(copy, chat_id, thread_id, { thread }, changes);
    changeThread(copy, thread_id, { thread }, changes);
  },

  ThreadFollowed(copy, data, changes) {
    if (!copy.chats.has(data.chat_id)) return;
    copy.threads.set(data.thread_id, data);
    changes.threads.add(data.thread_id);
  },

  ThreadUnfollowed(copy, data, changes) {
    if (copy.threads.delete(data.thread_id)) changes.threads.add(data.thread_id);
  },

  ThreadReadMarkerMoved(copy, { thread_id, last_read_seq }, changes) {
    changeThread(copy, thread_id, { last_read_seq }, changes);
  },

  ReactionAdded(copy, { chat_id, message_id, reactions }, changes) {
    changeMessage(copy, chat_id, message_id, { reactions }, changes);
  },

  ReactionRemoved(copy, { chat_id, message_id, reactions }, changes) {
    changeMessage(copy, chat_id, message_id, { reactions }, changes);
  },

  MessagePinned(copy, { chat_id, message_id }, changes) {
    const chat = copy.chats.get(chat_id);
    if (!chat?.pinned_message_ids) return;
    const { pinned_message_ids } = unpinned(chat, message_id);
    copy.changeChat(chat_id, { pinned_message_ids: [message_id, ...pinned_message_ids] }, changes);
  },

  MessageUnpinned(copy, { chat_id, message_id }, changes) {
    const chat = copy.chats.get(chat_id);
    if (chat?.pinned_message_ids) copy.changeChat(chat_id, unpinned(chat, message_id), changes);
  },
};

/** What is unread of a followed thread. @param {Json} thread @returns {number} */
export function unreadReplies({ thread, last_read_seq }) {
  return thread ? Math.min(thread.last_seq - last_read_seq, thread.reply_count) : 0;
}

/** @param {Replica} copy  @param {number} id  @param {Json} more  @param {Changes} changes */
function changeThread(copy, id, more, changes) {
  const followed = copy.threads.get(id);
  if (!followed) return;
  const now = { ...followed, ...more };
  copy.threads.set(id, { ...now, unread: unreadReplies(now) });
  changes.threads.add(id);
}

/** @param {Replica} copy  @param {number} chatId  @param {number} id  @param {Json} more  @param {Changes} changes */
function changeMessage(copy, chatId, id, more, changes) {
  const chat = copy.chats.get(chatId);
  const message = chat?.messages.find((/** @type {Json} */ one) => one.id === id);
  if (chat && message) copy.changeChat(chatId, replaced(chat, { ...message, ...more }), changes);
}

/** @param {Json} chat  @param {Json} message */
function replaced(chat, message) {
  return { messages: chat.messages.map((/** @type {Json} */ one) => (one.id === message.id ? message : one)) };
}

/** @param {Json} chat  @param {number} messageId */
function unpinned(chat, messageId) {
  return { pinned_message_ids: chat.pinned_message_ids?.filter((/** @type {number} */ id) => id !== messageId) };
}

/**
 * The mentions that are unread, after a message is new or has changed. Of a message that has been read, an edit that adds a
 * mention is told by ReadMarkerMoved.
 *
 * @param {Replica} copy  @param {Json} chat  @param {Json} message
 */
function mentioned(copy, chat, { seq, mentions: named, mentions_everyone }) {
  const seqs = new Set(chat.unread_mentions);
  if (!named.includes(copy.user.id) && !mentions_everyone) seqs.delete(seq);
  else if (seq > chat.last_read_seq) seqs.add(seq);
  return mentions(chat, seqs);
}

/**
 * What an event does to a message, by its id; null if it does nothing to one.
 *
 * @param {string} kind  @param {any} data
 * @returns {{ id: number, change: (message: Json) => Json | null } | null}
 */
export function changeOf(kind, data) {
  switch (kind) {
    case "MessageUpdated":
    case "MessageFilesReady":
    case "MessageLinksUpdated":
      return { id: data.id, change: () => data };
    case "MessageDeleted": {
      const { removed, ...tombstone } = data;
      return { id: data.id, change: () => (removed ? null : tombstone) };
    }
    case "ThreadUpdated":
      return { id: data.thread_id, change: (message) => ({ ...message, thread: data.thread }) };
    case "ReactionAdded":
    case "ReactionRemoved":
      return { id: data.message_id, change: (message) => ({ ...message, reactions: data.reactions }) };
    default:
      return null;
  }
}
