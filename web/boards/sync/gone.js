/** What the page shows in place of a board that the user cannot open: what has happened, and the way back. */

import { byId } from "../../lib/dom.js";
import { copiesOf, forget } from "./local.js";

// By the reasons of docs/boards/close-codes.md.
/** @type {Record<string, [string, string]>} */
const TOLD = {
  no_such_board: ["There is no board here", "It may have been deleted, or you are not on it. Whoever is on it can make you an invite link."],
  removed: ["You are not on this board any more", "An owner has removed you, or you have left it elsewhere."],
  board_deleted: ["This board has been deleted", "Its owners can restore it from their list of boards."],
};

/**
 * Removes the board from the page and from this browser.
 *
 * @param {string} reason
 * @param {number} boardId
 * @param {import("../../lib/session.js").User} me
 * @param {import("../../vendor/yjs.js").IndexeddbPersistence | null} copy
 */
export async function showGone(reason, boardId, me, copy) {
  const [title, text] = TOLD[reason] ?? TOLD.no_such_board;
  byId("world").replaceChildren();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  document.body.dataset.gone = reason;
  document.title = `${title} · Fechatter`;
  byId("gone-title").textContent = title;
  byId("gone-text").textContent = text;
  byId("gone").hidden = false;
  byId("gone").focus();
  await copy?.destroy();
  const copies = (await copiesOf(me.id)).filter((kept) => kept.boardId === boardId);
  await forget(copies);
  if (copies.length) byId("gone-text").append(" The copy of it that this browser had is deleted too.");
}
