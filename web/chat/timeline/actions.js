/** What one can do with a message: a row of this table. Its toolbar, its menu and the keys on a focused row are made from it. */

import { ActionTable } from "../../lib/actions.js";

/** @typedef {Record<string, any>} Message */
/**
 * What decides whether somebody may.
 *
 * @typedef {object} Standing
 * @property {number} me
 * @property {boolean} isAdmin of the chat
 * @property {boolean} mayPin
 * @property {boolean} mayWrite neither archived nor silenced
 */

/**
 * @typedef {object} MessageAction
 * @property {string} name
 * @property {import("../words/words.js").Key} word
 * @property {string[]} keys as in `aria-keyshortcuts`
 * @property {import("../shell/icons.js").IconName} icon
 * @property {boolean} [inToolbar]
 * @property {boolean} [isBad] it cannot be undone
 * @property {(message: Message, standing: Standing) => boolean} may
 */

/** @param {Message} message */
const isThere = ({ pending, deleted_at }) => !pending && !deleted_at;

/** @type {MessageAction[]} */
export const ACTIONS = [
  { name: "react", word: "timeline.react", keys: ["R"], icon: "smile", inToolbar: true, may: (message, { mayWrite }) => isThere(message) && mayWrite },
  { name: "reply", word: "timeline.reply", keys: ["T"], icon: "thread", inToolbar: true, may: (message, { mayWrite }) => isThere(message) && mayWrite },
  { name: "forward", word: "timeline.forward", keys: ["F"], icon: "forward", inToolbar: true, may: isThere },
  {
    name: "edit", word: "timeline.edit", keys: ["E"], icon: "edit",
    may: (message, { me, mayWrite }) =>
      mayWrite && message.sender_id === me && !message.forwarded_from && (message.pending?.state === "refused" || isThere(message)),
  },
  { name: "copy_text", word: "timeline.copyText", keys: ["C"], icon: "copy", may: (message) => !message.deleted_at && message.content !== "" },
  { name: "copy_link", word: "timeline.copyLink", keys: ["L"], icon: "link", may: isThere },
  { name: "pin", word: "timeline.pin", keys: ["P"], icon: "pin", may: (message, { mayPin }) => isThere(message) && mayPin },
  { name: "unread", word: "timeline.unread", keys: ["U"], icon: "unread", may: isThere },
  { name: "readers", word: "timeline.readers", keys: ["S"], icon: "check", may: isThere },
  {
    name: "hide_links", word: "timeline.hideLinks", keys: [], icon: "close",
    may: (message, { me, isAdmin }) => isThere(message) && Boolean(message.links?.some((/** @type {any} */ { kind }) => kind === "website")) && (message.sender_id === me || isAdmin),
  },
  { name: "report", word: "timeline.report", keys: [], icon: "flag", may: (message, { me }) => isThere(message) && message.sender_id !== me },
  {
    name: "delete", word: "timeline.delete", keys: ["Delete"], icon: "trash", isBad: true,
    may: (message, { me, isAdmin }) => isThere(message) && (message.sender_id === me || isAdmin),
  },
  { name: "retry", word: "timeline.retry", keys: [], icon: "retry", may: ({ pending }) => pending?.state === "refused" },
  { name: "discard", word: "timeline.discard", keys: ["Delete"], icon: "trash", isBad: true, may: ({ pending }) => Boolean(pending) },
];

/** @param {Message} message  @param {Standing} standing */
export const actionsOf = (message, standing) => ACTIONS.filter(({ may }) => may(message, standing));

// Letters mean what one may do, so the table is asked for the action of a key among these.
const BY_KEY = new ActionTable(ACTIONS.filter(({ name }) => name !== "discard").map(({ name, keys }) => ({ name, label: name, keys, needs: "viewer" })), ["message"]);

/**
 * The action that a key means on a focused row; null if there is none, or it may not be done.
 *
 * @param {KeyboardEvent} event
 * @param {Message} message
 * @param {Standing} standing
 */
export function actionOfKey(event, message, standing) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  let name = BY_KEY.actionOf(event)?.name;
  if (name === "delete" && message.pending) name = "discard";
  return actionsOf(message, standing).find((action) => action.name === name) ?? null;
}

/**
 * What somebody may do in a chat; its database decides, and this says what is worth offering.
 *
 * @param {Record<string, any> | undefined} chat
 * @param {number} me
 * @returns {Standing}
 */
export function standingIn(chat, me) {
  const isAdmin = chat?.role === "owner" || chat?.role === "admin";
  const silenced = Boolean(chat?.silenced_until) && Date.parse(chat?.silenced_until) > Date.now();
  const mayWrite = Boolean(chat) && !chat?.archived_at && !silenced;
  const open = chat?.type === "Single" || chat?.type === "Group";
  return { me, isAdmin: isAdmin && chat?.type !== "Single", mayPin: mayWrite && (open || isAdmin), mayWrite };
}
