/**
 * A copy of what a user may see: a snapshot of GET /api/sync, and the events applied to it as docs/events.md says under
 * "Keeping a copy". It takes both shapes of the snapshot. Objects are replaced and never changed, so that a changed one is
 * another object.
 */

import { documentRules } from "./replica/documents.js";
import { chatRules } from "./replica/chats.js";
import { messageRules, NEWEST } from "./replica/messages.js";
import { ownRules } from "./replica/own.js";

/** @typedef {Record<string, any>} Json */
/** @typedef {(copy: Replica, data: Json, changes: Changes) => void} Rule */

/**
 * What an event has changed: the ids of chats, boards, pages, threads and threads with a draft, whose object is another one or
 * gone, and the names of other parts.
 */
export class Changes {
  /** @type {Set<number>} */ chats = new Set();
  /** @type {Set<number>} */ boards = new Set();
  /** @type {Set<number>} */ pages = new Set();
  /** @type {Set<number>} */ threads = new Set();
  /** @type {Set<number>} */ threadDrafts = new Set();
  /** @type {Set<"user" | "presence_mode" | "workspaces" | "emoji" | "invitations" | "organizations" | "announcements" | "reports" | "delegations">} */ parts = new Set();
  /** Chats that the user has left, or that are gone: nothing of them may be kept. @type {Set<number>} */ left = new Set();
}

/** @type {Record<string, Rule>} */
const RULES = { ...chatRules, ...messageRules, ...documentRules, ...ownRules };

const PARTS = /** @type {const} */ (["workspaces", "chats", "boards", "pages", "threads", "invitations", "reports", "delegations", "organizations", "announcements"]);

/** What a copy has of threads, which goes with them. */
const OF_THREADS = /** @type {const} */ (["threads", "threadDrafts"]);

export class Replica {
  /** `newest`: how many of a chat's newest messages are kept. @param {Json} snapshot  @param {{ newest?: number }} [options] */
  constructor(snapshot, { newest = NEWEST } = {}) {
    this.newest = newest;
    /** @type {Json} */
    this.user = snapshot.user;
    /** @type {string} */
    this.presenceMode = snapshot.presence_mode;
    this.workspaces = byId(snapshot.workspaces, "id");
    this.chats = byId(snapshot.chats, "id");
    this.boards = byId(snapshot.boards, "id");
    this.pages = byId(snapshot.pages, "id");
    this.threads = byId(snapshot.threads, "thread_id");
    this.threadDrafts = byId(snapshot.thread_drafts, "thread_id");
    this.invitations = byId(snapshot.invitations, "workspace_id");
    this.reports = byId(snapshot.reports, "id");
    this.delegations = byId(snapshot.delegations, "id");
    this.organizations = byId(snapshot.organizations, "id");
    this.announcements = byId(snapshot.announcements, "id");
    /** By workspace and name. @type {Map<number, Map<string, Json>>} */
    this.emoji = new Map();
    for (const one of snapshot.emoji ?? []) this.putEmoji(one);
  }

  /** Applies an event of the stream. @param {{ kind: string, data: any }} event */
  apply({ kind, data }) {
    const changes = new Changes();
    RULES[kind]?.(this, data, changes);
    return changes;
  }

  /** As GET /api/sync has it, to be kept. @returns {Json} */
  snapshot() {
    const { user, presenceMode: presence_mode } = this;
    return {
      user,
      presence_mode,
      thread_drafts: [...this.threadDrafts.values()],
      emoji: [...this.emoji.values()].flatMap((named) => [...named.values()]),
      ...Object.fromEntries(PARTS.map((part) => [part, [...this[part].values()]])),
    };
  }

  /** @param {Json} one */
  putEmoji(one) {
    const named = new Map(this.emoji.get(one.workspace_id));
    this.emoji.set(one.workspace_id, named.set(one.name, one));
  }

  /** Puts another object in the place of a chat that is here. @param {number} id  @param {Json} more  @param {Changes} changes */
  changeChat(id, more, changes) {
    const chat = this.chats.get(id);
    if (!chat) return;
    this.chats.set(id, { ...chat, ...more });
    changes.chats.add(id);
  }

  /** @param {(chat: Json) => boolean} gone  @param {Changes} changes */
  dropChats(gone, changes) {
    for (const [id, chat] of this.chats) {
      if (!gone(chat)) continue;
      this.chats.delete(id);
      changes.chats.add(id);
      changes.left.add(id);
    }
    this.endThreads((thread) => !this.chats.has(thread.chat_id), changes);
  }

  /** Threads are gone, and so are drafts in them. @param {(one: Json) => boolean} gone  @param {Changes} changes */
  endThreads(gone, changes) {
    for (const part of OF_THREADS) {
      for (const [id, one] of this[part]) {
        if (!gone(one)) continue;
        this[part].delete(id);
        changes[part].add(id);
      }
    }
  }
}

/** @param {Json[] | undefined} items  @param {string} key @returns {Map<number, Json>} */
function byId(items = [], key) {
  return new Map(items.map((item) => [item[key], item]));
}
