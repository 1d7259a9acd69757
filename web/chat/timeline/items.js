/** What a row of the timeline shows besides its message: a new day, the line above the first new one, whose it is. */

/** @typedef {Record<string, any>} Message */
/**
 * @typedef {object} Item
 * @property {string} key
 * @property {Message} message
 * @property {boolean} beginsDay
 * @property {boolean} isFirstNew the first that was not read when the chat was opened
 * @property {boolean} isQuoting it says what it replies to, which the message above it has not just said
 * @property {boolean} isGrouped it goes on with what the same person has just written
 */

const GROUPED_MS = 5 * 60_000;

/** @param {Message} message */
export const keyOf = (message) => String(message.pending?.key ?? message.id);

/**
 * The items of the rows from `start` to `end`.
 *
 * @param {readonly Message[]} rows
 * @param {number} start
 * @param {number} end
 * @param {number | null} newFrom the `seq` of the first new message
 * @returns {Item[]}
 */
export function itemsOf(rows, start, end, newFrom) {
  return rows.slice(start, end).map((message, at) => {
    const before = rows[start + at - 1];
    const beginsDay = !before || dayOf(before) !== dayOf(message);
    const isNew = newFrom !== null && message.seq !== null && message.seq >= newFrom;
    const isFirstNew = isNew && (!before || (before.seq !== null && before.seq < newFrom));
    const isQuoting = message.reply_to !== null && (beginsDay || isFirstNew || before.deleted_at !== null || before.reply_to !== message.reply_to);
    return { key: keyOf(message), message, beginsDay, isFirstNew, isQuoting, isGrouped: !beginsDay && !isFirstNew && goesOn(before, message) };
  });
}

/** @type {WeakMap<Message, string>} */
const days = new WeakMap();

/** @param {Message} message */
function dayOf(message) {
  const known = days.get(message) ?? new Date(message.created_at).toDateString();
  days.set(message, known);
  return known;
}

/** @param {Message} before  @param {Message} message */
function goesOn(before, message) {
  if (before.sender_id !== message.sender_id || before.delegate_id !== message.delegate_id || before.deleted_at || message.deleted_at) return false;
  if (message.reply_to !== null || message.forwarded_from || before.forwarded_from) return false;
  return Date.parse(message.created_at) - Date.parse(before.created_at) < GROUPED_MS;
}

/**
 * What is to be read out: messages of others that have come in at the end, and no history that was loaded.
 *
 * @param {readonly Message[]} rows
 * @param {number} heard the newest `seq` that was there before
 * @param {number} me
 */
export function newcomers(rows, heard, me) {
  const found = [];
  for (let place = rows.length - 1; place >= 0; place -= 1) {
    const { seq, sender_id, deleted_at } = rows[place];
    if (seq === null) continue;
    if (seq <= heard) break;
    if (sender_id !== me && !deleted_at) found.unshift(rows[place]);
  }
  return found;
}

/** The newest `seq`; 0 if there is none. @param {readonly Message[]} rows */
export function newestSeq(rows) {
  for (let place = rows.length - 1; place >= 0; place -= 1) if (rows[place].seq !== null) return /** @type {number} */ (rows[place].seq);
  return 0;
}
