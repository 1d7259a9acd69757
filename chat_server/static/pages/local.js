/**
 * The copy of a board that this browser keeps, in IndexedDB: what was edited offline is there, and goes to the server,
 * when the board is opened again. Each user has their own; they go when that user signs out.
 */

import { IndexeddbPersistence } from "./vendor/yjs.js";

const PREFIX = "fechatter.board.";
const PATIENCE_MS = 2000;

/**
 * Keeps `doc` in step with the copy; resolves to it once what it holds is in `doc`, or to null where nothing can be kept.
 * A board that was deleted and made anew, in a database of its own, say, has another time of creation, and is another.
 */
export async function keep(doc, board, userId) {
  if (!globalThis.indexedDB) return null;
  const copy = new IndexeddbPersistence(`${PREFIX}${userId}.${board.id}.${board.created_at}`, doc);
  const failed = copy._db.then(() => new Promise(() => {}), () => null);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, copy));
  return Promise.race([copy.whenSynced, failed, late]);
}

/** Calls `tell(false)` when there is something that the copy has not got yet, and `tell(true)` when it has it all. */
export function watch(doc, copy, tell) {
  let newest = null;
  doc.on("update", (_, origin) => {
    if (origin === copy || !copy.db) return;
    tell(false);
    // It comes after what the copy is writing just now.
    const after = copy.db.transaction(["updates"], "readwrite");
    newest = after;
    after.addEventListener("complete", () => newest === after && tell(true));
  });
}

export async function forgetAll(userId) {
  const databases = (await globalThis.indexedDB?.databases?.()) ?? [];
  for (const { name } of databases) if (name.startsWith(`${PREFIX}${userId}.`)) indexedDB.deleteDatabase(name);
}
