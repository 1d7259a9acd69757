/** A small picture of the board for the list of boards, made by whoever edits it, some time after a change. */

import { picture } from "./export.js";
import { call } from "../../lib/session.js";

const SIZE = { width: 480, height: 300 };
const AFTER_MS = 4000;
const EVERY_MS = 60_000;

export function keepThumbnail(boardId, board, elements, mayEdit) {
  let timer = null;
  let sent = -Infinity;

  async function send() {
    timer = null;
    if (!mayEdit()) return;
    sent = performance.now();
    const made = await picture(elements, () => SIZE);
    await call("PUT", `/boards/${boardId}/thumbnail`, made).catch(() => {}); // the next change makes another
  }

  board.doc.on("update", (_, origin) => {
    if (origin !== board || timer !== null) return;
    timer = setTimeout(send, Math.max(AFTER_MS, sent + EVERY_MS - performance.now()));
  });
}
