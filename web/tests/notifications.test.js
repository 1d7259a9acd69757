import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorthIt } from "../chat/notifications/worth.js";

const message = { seq: 5, sender_id: 2, deleted_at: null, mentions: [], mentions_everyone: null, thread_id: null, created_at: "1970-01-01T00:00:00Z" };
const chat = { type: "Group", notification_level: "all", muted_until: null, last_read_seq: 4 };
const situation = { me: 1, chat, isFollowed: false, isLookedAt: false, presenceMode: "auto", now: 1000 };

/** @param {object} [ofMessage]  @param {object} [ofChat]  @param {object} [ofAll] */
const worth = (ofMessage = {}, ofChat = {}, ofAll = {}) =>
  isWorthIt({ ...message, ...ofMessage }, { ...situation, chat: { ...chat, ...ofChat }, ...ofAll });

test("a message among few people is, one in a channel only with a mention", () => {
  assert(worth());
  assert(worth({}, { type: "Single" }));
  assert(!worth({}, { type: "PublicChannel" }));
  assert(worth({ mentions: [3, 1] }, { type: "PublicChannel" }));
  assert(worth({ mentions_everyone: "here" }, { type: "PrivateChannel" }));
});

test("the level and a mute are obeyed, and so is do not disturb", () => {
  assert(!worth({}, { notification_level: "mentions" }));
  assert(worth({ mentions: [1] }, { notification_level: "mentions" }));
  assert(!worth({ mentions: [1] }, { notification_level: "none" }));
  assert(!worth({}, { muted_until: "1970-01-01T00:00:02Z" }));
  assert(worth({}, { muted_until: "1970-01-01T00:00:00Z" }));
  assert(!worth({ mentions: [1] }, {}, { presenceMode: "dnd" }));
});

test("one's own is not, nor what one looks at, has read elsewhere, missed or cannot see any more", () => {
  assert(!worth({ sender_id: 1 }));
  assert(!worth({}, {}, { isLookedAt: true }));
  assert(!worth({}, { last_read_seq: 5 }));
  assert(!worth({ deleted_at: "1970-01-01T00:00:00Z" }));
  assert(!worth({}, {}, { now: 121_000 }));
  assert(!isWorthIt(message, { ...situation, chat: undefined }));
});

test("a reply is, if one follows its thread", () => {
  assert(!worth({ thread_id: 9 }));
  assert(worth({ thread_id: 9 }, {}, { isFollowed: true }));
  assert(worth({ thread_id: 9 }, { type: "Single" }));
});
