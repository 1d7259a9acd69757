/** Which messages a notification is shown for. */

// One that a sleeping computer has missed is unread, which the title says; a screenful of notifications helps nobody.
const LATEST_MS = 120_000;

/**
 * A message of somebody else's that means the user, by the level of its chat, while they do not look at that chat. A reply in
 * a thread counts if they follow it. Nothing is shown to somebody who asked not to be disturbed.
 *
 * @param {Record<string, any>} message as NewMessage has it
 * @param {{ me: number, chat: Record<string, any> | undefined, isFollowed: boolean, isLookedAt: boolean, presenceMode: string, now: number }} situation
 */
export function isWorthIt(message, { me, chat, isFollowed, isLookedAt, presenceMode, now }) {
  if (!chat || message.sender_id === me || message.deleted_at || isLookedAt || presenceMode === "dnd") return false;
  if (now - Date.parse(message.created_at) > LATEST_MS) return false;
  if (message.seq <= chat.last_read_seq) return false; // read elsewhere meanwhile
  if (chat.notification_level === "none" || (chat.muted_until && Date.parse(chat.muted_until) > now)) return false;
  const isMeant = message.mentions.includes(me) || message.mentions_everyone !== null;
  if (isMeant) return true;
  if (message.thread_id !== null && chat.type !== "Single") return isFollowed;
  return chat.notification_level === "all" && (chat.type === "Single" || chat.type === "Group");
}
