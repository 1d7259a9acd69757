/** Events of chats and their members, applied to a copy. */

/** @typedef {import("../replica.js").Rule} Rule */
/** @typedef {import("../replica.js").Json} Json */

const INLINE_MEMBERS = 100;
const MOST_MENTIONS = 100;

/** @type {Record<string, Rule>} */
export const chatRules = {
  NewChat(copy, data, changes) {
    copy.chats.set(data.id, { ...data, draft: copy.chats.get(data.id)?.draft ?? null }); // an import says it of one that is known
    changes.chats.add(data.id);
  },

  ChatUpdated(copy, data, changes) {
    const chat = copy.chats.get(data.id);
    if (!chat) return;
    const now = { ...chat, ...data };
    now.messages = chat.messages.filter((/** @type {Json} */ { seq }) => seq >= data.first_seq);
    now.pinned_message_ids = chat.pinned_message_ids?.filter((/** @type {number} */ id) => id >= data.first_message_id);
    now.unread = unread(now);
    copy.changeChat(data.id, { ...now, ...mentions(now, now.unread_mentions) }, changes);
    copy.endThreads((thread) => thread.chat_id === data.id && thread.thread_id < data.first_message_id, changes);
  },

  ChatDeleted(copy, { id }, changes) {
    copy.dropChats((chat) => chat.id === id, changes);
  },

  UserJoinedChat(copy, { member_count, ...member }, changes) {
    copy.changeChat(member.chat_id, { member_count }, changes);
    putMember(copy, member, changes);
  },

  ChatMemberUpdated(copy, member, changes) {
    putMember(copy, member, changes);
  },

  UserLeftChat(copy, { chat_id, user_id, member_count }, changes) {
    if (user_id === copy.user.id) return copy.dropChats((chat) => chat.id === chat_id, changes);
    const members = without(copy.chats.get(chat_id)?.members, "user_id", user_id);
    copy.changeChat(chat_id, { member_count, members }, changes);
  },

  ChatAdminAdded(copy, { chat_id, bans, invites }, changes) {
    copy.changeChat(chat_id, { bans, invites }, changes);
  },

  ChatBanUpdated(copy, ban, changes) {
    const bans = without(copy.chats.get(ban.chat_id)?.bans, "user_id", ban.user_id);
    if (bans) copy.changeChat(ban.chat_id, { bans: [...bans, ban] }, changes);
  },

  UserUnbanned(copy, { chat_id, user_id }, changes) {
    const bans = without(copy.chats.get(chat_id)?.bans, "user_id", user_id);
    if (bans) copy.changeChat(chat_id, { bans }, changes);
  },

  ChatInviteUpdated(copy, invite, changes) {
    const invites = without(copy.chats.get(invite.chat_id)?.invites, "id", invite.id);
    if (invites) copy.changeChat(invite.chat_id, { invites: [...invites, invite] }, changes);
  },

  ChatInviteDeleted(copy, { id, chat_id }, changes) {
    const invites = without(copy.chats.get(chat_id)?.invites, "id", id);
    if (invites) copy.changeChat(chat_id, { invites }, changes);
  },

  ReadMarkerMoved(copy, { chat_id, user_id, last_read_seq, unread_mentions }, changes) {
    const chat = copy.chats.get(chat_id);
    if (!chat) return;
    const now = { ...chat, ...marked(copy, chat, user_id, last_read_seq) };
    copy.changeChat(chat_id, { ...now, ...(user_id === copy.user.id && mentions(now, unread_mentions)) }, changes);
  },

  ChatNotificationsChanged(copy, { chat_id, notification_level, muted_until }, changes) {
    copy.changeChat(chat_id, { notification_level, muted_until }, changes);
  },

  DraftChanged(copy, { chat_id, thread_id, draft }, changes) {
    if (!thread_id) return copy.changeChat(chat_id, { draft }, changes);
    if (draft && copy.chats.has(chat_id)) copy.threadDrafts.set(thread_id, draft);
    else copy.threadDrafts.delete(thread_id);
    changes.threadDrafts.add(thread_id);
  },
};

/** @param {import("../replica.js").Replica} copy  @param {Json} member  @param {import("../replica.js").Changes} changes */
function putMember(copy, member, changes) {
  const chat = copy.chats.get(member.chat_id);
  if (!chat) return;
  /** @type {Json} */
  const more = {};
  if (member.user_id === copy.user.id) {
    more.role = member.role;
    more.silenced_until = member.silenced_until;
    if (member.role === "member") more.bans = more.invites = null;
  }
  const members = without(chat.members, "user_id", member.user_id);
  if (members) more.members = members.length < INLINE_MEMBERS ? [...members, member] : null;
  copy.changeChat(member.chat_id, more, changes);
}

/** What a member's read position makes of a chat. @param {import("../replica.js").Replica} copy  @param {Json} chat  @param {number} userId  @param {number} seq */
export function marked(copy, chat, userId, seq) {
  const last_read_seq = userId === copy.user.id ? seq : chat.last_read_seq;
  const members = chat.members?.map((/** @type {Json} */ member) =>
    member.user_id === userId ? { ...member, last_read_seq: seq } : member,
  );
  return { last_read_seq, unread: unread({ ...chat, last_read_seq }), ...(members && { members }) };
}

/** The chat's unread mentions are those of these that it still has. @param {Json} chat  @param {Iterable<number>} seqs */
export function mentions(chat, seqs) {
  const kept = [...seqs].filter((seq) => seq >= chat.first_seq).sort((a, b) => a - b);
  const unread_mentions = kept.slice(-MOST_MENTIONS);
  return { unread_mentions, mention_count: unread_mentions.length };
}

/** @param {Json} chat @returns {number} */
function unread({ last_seq, last_read_seq, first_seq }) {
  return last_seq - Math.max(last_read_seq, first_seq - 1);
}

/** The list without those whose `key` is `value`; what is no list stays none. @param {Json[] | null | undefined} list  @param {string} key  @param {unknown} value */
export function without(list, key, value) {
  return list?.filter((item) => item[key] !== value) ?? null;
}
