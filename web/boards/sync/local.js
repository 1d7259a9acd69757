/**
 * The copy of a board that this browser keeps, in IndexedDB: what was edited offline is there, and goes to the server,
 * when the board is opened again. Each user has their own; they go when that user signs out or may not see the board.
 */

import { IndexeddbPersistence } from "../../vendor/yjs.js";

const PREFIX = "fechatter.board.";
const PATIENCE_MS = 2000;

/**
 * Keeps `doc` in step with the copy; resolves to it once what it holds is in `doc`, or to null where nothing can be kept.
 * A board that was deleted and created again, in a new database for instance, has another time of creation and another copy.
 *
 * @param {import("yjs").Doc} doc
 * @param {{ id: number, created_at: string }} board
 * @param {number} userId
 * @returns {Promise<IndexeddbPersistence | null>}
 */
export async function keep(doc, board, userId) {
  if (!globalThis.indexedDB) return null;
  const copy = new IndexeddbPersistence(`${PREFIX}${userId}.${board.id}.${board.created_at}`, doc);
  const failed = copy._db.then(() => new Promise(() => {}), () => null);
  return Promise.race([copy.whenSynced, failed, patience(copy)]);
}

/**
 * Calls `tell(false)` when the copy lacks an edit, and `tell(true)` when it has all of them.
 *
 * @param {import("yjs").Doc} doc
 * @param {IndexeddbPersistence} copy
 * @param {(all: boolean) => void} tell
 */
export function watch(doc, copy, tell) {
  /** @type {IDBTransaction | null} */
  let newest = null;
  doc.on("update", (/** @type {Uint8Array} */ _, /** @type {unknown} */ origin) => {
    if (origin === copy || !copy.db) return;
    tell(false);
    // It comes after what the copy is writing just now.
    const after = copy.db.transaction(["updates"], "readwrite");
    newest = after;
    after.addEventListener("complete", () => newest === after && tell(true));
  });
}

/**
 * The copies that a user has here: the `name` of each, and its board.
 *
 * @param {number} userId
 * @returns {Promise<{ name: string, boardId: number }[]>}
 */
export async function copiesOf(userId) {
  const databases = (await globalThis.indexedDB?.databases?.()) ?? [];
  return databases.flatMap(({ name = "" }) => {
    const [owner, boardId] = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split(".") : [];
    return Number(owner) === userId ? [{ name, boardId: Number(boardId) }] : [];
  });
}

/** Deletes copies. Other tabs close theirs; if one does not, nobody waits long. @param {{ name: string }[]} copies */
export async function forget(copies) {
  const gone = copies.map(({ name }) => new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = resolve;
  }));
  await Promise.race([Promise.all(gone), patience()]);
}

/** @template T  @param {T} [then]  @returns {Promise<T | undefined>} */
function patience(then) {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, then));
}
