/** What a chat is called, how chats are ordered, and what of them asks for attention. */

import { languageTag, t } from "../words/words.js";

/** @typedef {import("../model/model.js").Chat} Chat */
/** @typedef {import("./context.js").Model} Model */
/** @typedef {{ user_id: number, fullname: string, username: string }} Member */

/** @param {Chat} chat  @param {Model} model @returns {Member[]} */
function othersOf(chat, model) {
  const members = /** @type {Member[] | null | undefined} */ (chat.members ?? (chat.type === "Single" || !chat.name ? model.members(chat.id).value : null));
  return (members ?? []).filter(({ user_id: id }) => id !== model.me.value.id);
}

/** A direct chat is called by the other person, a group without a name by its members. @param {Chat} chat  @param {Model} model @returns {string} */
export function nameOf(chat, model) {
  if (chat.type !== "Single" && chat.name) return chat.name;
  const others = othersOf(chat, model);
  if (others.length) return new Intl.ListFormat(languageTag.value, { type: "unit", style: "short" }).format(others.map(({ fullname }) => fullname));
  return chat.name || t(chat.type === "Single" ? "chats.alone" : "chats.unnamed");
}

/** The other person of a direct chat. @param {Chat} chat  @param {Model} model */
export function otherOf(chat, model) {
  return chat.type === "Single" ? (othersOf(chat, model)[0] ?? null) : null;
}

/** @param {Chat} chat */
export const isDirect = (chat) => chat.type === "Single" || chat.type === "Group";

/** @param {Chat} chat  @param {number} [now] @returns {boolean} */
export const isMuted = (chat, now = Date.now()) =>
  chat.notification_level === "none" || (chat.muted_until !== null && Date.parse(chat.muted_until) > now);

/** Messages that mean the reader: mentions, and all of a direct chat. @param {Chat} chat @returns {number} */
export function badgeOf(chat) {
  return chat.type === "Single" && !isMuted(chat) ? chat.unread : chat.mention_count;
}

/** @param {Chat} chat @returns {boolean} */
export const isUnread = (chat) => badgeOf(chat) > 0 || (chat.unread > 0 && !isMuted(chat));

/** @param {Chat} chat @returns {boolean} */
const isOpen = (chat) => !chat.archived_at;

/** The chats of a workspace as the sidebar has them: those with people by their newest message, channels by name. @param {Iterable<Chat>} chats  @param {number | null} workspaceId */
export function sorted(chats, workspaceId) {
  const here = [...chats].filter((chat) => chat.workspace_id === workspaceId && isOpen(chat));
  return {
    direct: here.filter(isDirect).sort((one, other) => newestOf(other) - newestOf(one)),
    channels: byName(here.filter((chat) => !isDirect(chat)), languageTag.value),
  };
}

/** What was sorted by name last: most that happens in a chat leaves its name alone, and comparing a thousand takes long. */
let named = { tag: "", chats: /** @type {Chat[]} */ ([]), order: /** @type {number[]} */ ([]) };

/** @param {Chat[]} chats  @param {string} tag */
function byName(chats, tag) {
  const same = tag === named.tag && chats.length === named.chats.length && chats.every(({ id, name }, at) => id === named.chats[at].id && name === named.chats[at].name);
  if (same) named.chats = chats;
  else {
    const { compare } = new Intl.Collator(tag, { numeric: true, sensitivity: "base" });
    named = { tag, chats, order: chats.map((_, at) => at).sort((one, other) => compare(chats[one].name, chats[other].name)) };
  }
  return named.order.map((at) => chats[at]);
}

/** @param {Chat} chat @returns {number} */
const newestOf = (chat) => Date.parse(chat.messages?.at(-1)?.created_at ?? chat.created_at);

/** "admin": whether somebody's role in a chat or workspace is this one or more. @param {{ role?: string | null }} place  @param {"owner" | "admin"} least */
export const isAtLeast = ({ role }, least) => role === "owner" || (least === "admin" && role === "admin");
