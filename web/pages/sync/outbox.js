/**
 * Edits that are not known to be committed, kept in this browser, so that they outlive the tab. Each tab has a record of its
 * own; what a tab that is gone has left goes out with the next one that opens the page. Sent twice by two tabs, an edit counts
 * once, by its id.
 */

/** @typedef {import("./replica.js").Edit} Edit */

const PREFIX = "fechatter.page.";

export class Outbox {
  /** @param {number} userId  @param {number} pageId  @param {string} tab */
  constructor(userId, pageId, tab) {
    this.prefix = `${PREFIX}${userId}.${pageId}.`;
    this.key = `${this.prefix}${tab}`;
  }

  /** What tabs that are gone have left, with the epoch that it goes by; it is this tab's from now on. */
  async open() {
    /** @type {{ edits: Edit[], epoch: string | null }} */
    const found = { edits: [], epoch: null };
    await hold(this.key);
    for (const key of keysOf(this.prefix)) {
      if (key !== this.key && !(await isFree(key))) continue;
      const { edits, epoch } = JSON.parse(localStorage.getItem(key) ?? "{}");
      if (!Array.isArray(edits)) continue;
      found.edits.push(...edits);
      found.epoch = epoch ?? found.epoch;
      if (key !== this.key) localStorage.removeItem(key);
    }
    this.keep(found.edits, found.epoch);
    return found;
  }

  /** Keeps these, in place of what was kept; false if there is no room for them. @param {Edit[]} edits  @param {string | null} epoch */
  keep(edits, epoch) {
    if (!edits.length) {
      localStorage.removeItem(this.key);
      return true;
    }
    // What an edit replaces is known again once it is applied.
    const kept = edits.map((edit) => ({ ...edit, inverse: null }));
    try {
      localStorage.setItem(this.key, JSON.stringify({ epoch, edits: kept }));
      return true;
    } catch {
      return false;
    }
  }

  /** The page is gone: so is all of it that is here. */
  forget() {
    for (const key of keysOf(this.prefix)) localStorage.removeItem(key);
  }
}

/** Forgets what a user has here of all pages. @param {number} userId */
export function forget(userId) {
  for (const key of keysOf(`${PREFIX}${userId}.`)) localStorage.removeItem(key);
}

/** @param {string} prefix */
function keysOf(prefix) {
  return Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? "").filter((key) => key.startsWith(prefix));
}

/** For as long as the tab is there. Pages without TLS have no locks: there, whatever is found is sent. @param {string} key */
function hold(key) {
  if (!navigator.locks) return null;
  return new Promise((held) => {
    navigator.locks.request(key, () => {
      held(null);
      return new Promise(() => {});
    });
  });
}

/** @param {string} key */
async function isFree(key) {
  return !navigator.locks || navigator.locks.request(key, { ifAvailable: true }, (lock) => lock !== null);
}
