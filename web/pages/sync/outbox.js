/**
 * Edits that are not known to be committed, kept in this browser, so that they outlive the tab. Each tab has a record of its
 * own; what a tab that is gone has left goes out with the next one that opens the page. Sent twice by two tabs, an edit counts
 * once, by its id.
 */

/** @typedef {import("./replica.js").Edit} Edit */

const PREFIX = "fechatter.page.";
const TAB = "fechatter.tab";
const GOING_MS = 400; // how long a tab that is being closed or loaded anew may still hold its lock

export class Outbox {
  /** @param {number} userId  @param {number} pageId */
  constructor(userId, pageId) {
    this.prefix = `${PREFIX}${userId}.${pageId}.`;
    this.key = "";
  }

  /** What tabs that are gone have left, with the epoch that it goes by; it is this tab's from now on. */
  async open() {
    /** @type {{ edits: Edit[], epoch: string | null }} */
    const found = { edits: [], epoch: null };
    await this.#begin();
    const taken = [];
    for (const key of keysOf(this.prefix)) {
      if (key !== this.key && !(await isFree(key))) continue;
      const { edits, epoch } = read(key);
      if (!Array.isArray(edits)) continue;
      found.edits.push(...edits);
      found.epoch = epoch ?? found.epoch;
      if (key !== this.key) taken.push(key);
    }
    // Only then: without room for them here they stay where they are.
    if (this.keep(found.edits, found.epoch)) for (const key of taken) localStorage.removeItem(key);
    return found;
  }

  /** A tab keeps its name over its reloads; one that was copied from another has that one's, and needs its own. */
  async #begin() {
    const known = sessionStorage.getItem(TAB);
    if (known !== null && (await hold(this.prefix + known))) {
      this.key = this.prefix + known;
      return;
    }
    const name = Math.random().toString(36).slice(2);
    sessionStorage.setItem(TAB, name);
    this.key = this.prefix + name;
    await hold(this.key);
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

/** A record; one that cannot be read, which no version of this page has written, holds nothing. @param {string} key */
function read(key) {
  try {
    return Object(JSON.parse(localStorage.getItem(key) ?? "{}"));
  } catch {
    return {};
  }
}

/** @param {string} prefix */
function keysOf(prefix) {
  return Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? "").filter((key) => key.startsWith(prefix));
}

/**
 * Whether this tab is the one of that record from now on. Pages without TLS have no locks: there, whatever is found is sent.
 *
 * @param {string} key
 * @returns {Promise<boolean>}
 */
function hold(key) {
  return lock(key, () => new Promise(() => {})); // for as long as the tab is there
}

/** @param {string} key */
function isFree(key) {
  return lock(key, () => undefined);
}

/** Whether one gets a lock; `held` says for how long. @param {string} key  @param {() => unknown} held @returns {Promise<boolean>} */
function lock(key, held) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const use = () => {
      resolve(true);
      return held();
    };
    navigator.locks.request(key, { signal: AbortSignal.timeout(GOING_MS) }, use).catch(() => resolve(false));
  });
}
