/** A small picture of the board for the list of boards, made by whoever edits it, some time after a change. */

import { call } from "../../lib/session.js";
import { picture } from "./export.js";

const SIZE = { width: 480, height: 300 };
const AFTER_MS = 4000;
const EVERY_MS = 60_000;

/**
 * @param {number} boardId
 * @param {import("../content/document.js").BoardDocument} board
 * @param {import("./elements.js").Elements} elements
 * @param {() => boolean} mayEdit
 */
export function keepThumbnail(boardId, board, elements, mayEdit) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let sent = -Infinity;

  async function send() {
    timer = undefined;
    if (!mayEdit()) return;
    sent = performance.now();
    const made = await picture(elements, () => SIZE);
    await call("PUT", `/boards/${boardId}/thumbnail`, made).catch(() => {}); // the next change makes another
  }

  board.doc.on("update", (_, origin) => {
    if (origin !== board || timer !== undefined) return;
    timer = setTimeout(send, Math.max(AFTER_MS, sent + EVERY_MS - performance.now()));
  });
}
