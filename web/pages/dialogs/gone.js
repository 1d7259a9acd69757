/** What is shown in place of a page that the user cannot open: what has happened, and the way back. */

import { byId } from "../../lib/dom.js";
import { say } from "../words.js";

/** @type {Record<string, [string, string]>} */
const TOLD = {
  no_such_page: [say("There is no page here"), say("It may have been deleted, or you are not on it. Whoever is on it can make you an invite link.")],
  removed: [say("You are not on this page any more"), say("An owner has removed you, or you have left it elsewhere.")],
  page_deleted: [say("This page has been deleted"), say("Its owners can restore it from their list of pages.")],
};

/** @param {string} reason */
export function showGone(reason) {
  const [title, text] = TOLD[reason] ?? TOLD.no_such_page;
  byId("sheet").replaceChildren();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  document.body.dataset.gone = reason;
  document.title = `${title} · Fechatter`;
  byId("gone-title").textContent = title;
  byId("gone-text").textContent = text;
  byId("gone").hidden = false;
  byId("gone").focus();
}
