/**
 * What a user has in this browser: the copies and outboxes of chats, boards and pages, and drafts. All of it goes when they
 * sign out, from whichever page. A tab that was still writing then may leave something again before it is loaded anew, so
 * pages look once more until somebody signs in.
 */

const SIGNED_OUT = "fechatter.signed-out";
/** Other tabs close their databases; if one does not, nobody waits long. */
const PATIENCE_MS = 2000;

/** @param {number} userId */
export async function leaveNothing(userId) {
  localStorage.setItem(SIGNED_OUT, String(userId));
  const isTheirs = (/** @type {string | undefined} */ name) => new RegExp(`^fechatter\\.(chat|board|page|draft)\\.${userId}(\\.|$)`).test(name ?? "");
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? "");
  for (const key of keys) if (isTheirs(key)) localStorage.removeItem(key);
  const { indexedDB } = globalThis;
  if (!indexedDB) return;
  const chats = { name: `fechatter.chat.${userId}` };
  const all = (await indexedDB.databases?.().catch(() => null)) ?? [chats]; // a browser without a list of them
  const gone = all.filter(({ name }) => isTheirs(name)).map(({ name = "" }) => new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = resolve;
  }));
  if (gone.length) await Promise.race([Promise.all(gone), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** Of whoever has signed out last, if they have not signed in again. */
export async function lookAgain() {
  const userId = localStorage.getItem(SIGNED_OUT);
  if (userId) await leaveNothing(Number(userId));
}

/** Somebody signs in: what is written from here on stays. */
export function mayStay() {
  localStorage.removeItem(SIGNED_OUT);
}
