/**
 * What a chat is, without what happens in it: a view of its name or of what one may do there is not drawn again with each
 * message. A chat's object is another one with each event, and of an open chat a few come each second.
 */

import { computed } from "../../vendor/preact.js";

/** @typedef {Record<string, any>} Chat */

/** What is left out. */
const HAPPENS = new Set(["messages", "last_seq", "last_read_seq", "unread", "unread_mentions", "mention_count", "draft"]);

/**
 * @param {{ readonly value: Chat | undefined }} chat
 * @returns {{ readonly value: Chat | undefined, peek(): Chat | undefined }}
 */
export function aboutOf(chat) {
  /** @type {Chat | undefined} */
  let known;
  return computed(() => {
    const now = chat.value;
    if (!now || !known || !isAsBefore(known, now)) known = now && withoutWhatHappens(now);
    return known;
  });
}

/** @param {Chat} chat @returns {Chat} */
function withoutWhatHappens(chat) {
  const kept = Object.entries(chat).filter(([name]) => !HAPPENS.has(name));
  return { ...Object.fromEntries(kept), ...(chat.members && { members: chat.members.map(asMember) }) };
}

/** @param {Chat} member */
const asMember = ({ last_read_seq: _read, ...member }) => member;

/** @param {Chat} known  @param {Chat} now */
function isAsBefore(known, now) {
  return Object.keys(now).every((name) => HAPPENS.has(name) || known[name] === now[name] || (name === "members" && hasSameMembers(known[name], now[name])));
}

/** @param {Chat[] | null} known  @param {Chat[] | null} now */
function hasSameMembers(known, now) {
  if (!known || !now || known.length !== now.length) return false;
  return known.every((one, at) => Object.keys(one).every((name) => one[name] === now[at][name]));
}
