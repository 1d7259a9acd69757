/**
 * A page as this tab has it: what is committed, with one's own edits on top that are not known to be. It speaks the words of
 * docs/pages/protocol.md, and knows nothing of sockets: `say` sends a message, `hear` takes one.
 *
 * - Only the next version is ever applied; where one is missing, all is asked for.
 * - An edit carries the version that its author had seen. The server decides whether it still fits.
 * - Own edits go in order, each after the one before it, so a refused one takes those behind it along. They get new ids and
 *   are sent again, since a refused id is never committed.
 * - An edit that overlaps what others did meanwhile is put on top of it once, by itself. Refused again, or an undo, which
 *   must not overwrite others' work, it is told: `refused` (RefusedEvent).
 */

import { checksum } from "../../lib/patches/canonical.js";
import { apply, revert } from "../../lib/patches/patch.js";
import { PatchFailed, TooLarge } from "../../lib/patches/refusals.js";

/** @typedef {import("../../lib/patches/patch.js").Operation} Operation */

/**
 * An edit of one's own. `inverse` reverts it on top of what is before it; null while it cannot be applied there. `group`:
 * edits of one thing, such as keystrokes in one text. `sent`: it may have reached the server, some time.
 *
 * @typedef {object} Edit
 * @property {string} id
 * @property {number} base
 * @property {Operation[]} patches
 * @property {Operation[] | null} inverse
 * @property {string} group
 * @property {boolean} undoes
 * @property {boolean} sent
 * @property {boolean} again it has been put on top of others' work once
 * @property {number | null} committed
 */

const MOST_IN_FLIGHT = 32;
const MOST_OWN = 5000;
const MOST_PENDING = 1000; // that a join may ask about

/** An edit was not taken, and is not in the content any more. */
export class RefusedEvent extends Event {
  /** @param {Edit} edit  @param {string} code  @param {string} message */
  constructor(edit, code, message) {
    super("refused");
    this.edit = edit;
    this.code = code;
    this.message = message;
  }
}

/** An edit became a version of the page. */
export class CommittedEvent extends Event {
  /** @param {Edit | null} edit one's own; null for others' @param {number} version */
  constructor(edit, version) {
    super("committed");
    this.edit = edit;
    this.version = version;
  }
}

/**
 * Events: `change` when the content has changed, `queue` when the edits that wait have, `committed`, `refused`, `lost` when
 * the connection is of no more use.
 */
export class Replica extends EventTarget {
  /** @type {any} what is shown; replaced as a whole, and changed in place */
  content = null;
  /** The newest version that is known. */
  version = 0;
  /** @type {Edit[]} in order */
  queue = [];
  /** @type {string | null} the history that the versions belong to */
  epoch = null;
  joined = false;
  /** @type {Set<string>} */
  #inFlight = new Set();
  #asked = false;
  /** How to take back the edits that are shown. @type {Map<Edit, import("../../lib/patches/patch.js").Applied>} */
  #applied = new Map();
  /** @type {Set<number>} versions that this tab has made */
  #own = new Set();

  /** @param {{ say: (type: string, payload: object) => void, newId?: () => string }} parts */
  constructor({ say, newId = randomId }) {
    super();
    this.say = say;
    this.newId = newId;
  }

  get saved() {
    return this.queue.length === 0;
  }

  /** Edits of an earlier page that are not known to be committed. Before the first `join`. @param {Edit[]} edits  @param {string | null} epoch */
  adopt(edits, epoch) {
    this.queue.unshift(...edits.map((edit) => ({ ...edit, inverse: null, committed: null })));
    this.epoch = epoch;
  }

  // -- own edits

  /**
   * Changes the content, and sends it. Raises PatchFailed or TooLarge, and nothing has changed. `base` is the version that its author
   * goes by, if it is an older one.
   *
   * @param {Operation[]} patches
   * @param {{ group?: string, undoes?: boolean, base?: number }} [how]
   */
  edit(patches, { group = "", undoes = false, base = this.version } = {}) {
    const last = this.queue.at(-1);
    if (last && group && last.group === group && !last.sent && last.inverse && !last.undoes) return this.#rewrite(last, patches);
    const edit = { id: this.newId(), base, patches, inverse: null, group, undoes, sent: false, again: false, committed: null };
    this.#put(edit);
    this.queue.push(edit);
    this.#flush();
    this.#tell("queue", "change");
    return edit;
  }

  /** Nobody has seen the last edit yet, so it can be another one. @param {Edit} edit  @param {Operation[]} patches */
  #rewrite(edit, patches) {
    const before = edit.patches;
    this.#take(edit);
    edit.patches = [...before.filter((one) => !isReplaced(one, patches)), ...patches];
    try {
      this.#put(edit);
    } catch (problem) {
      edit.patches = before;
      this.#put(edit);
      throw problem;
    }
    this.#tell("queue", "change");
    return edit;
  }

  /** The newest version up to which nobody else has changed anything since this one. @param {number} version */
  undisturbed(version) {
    while (this.#own.has(version + 1)) version++;
    return version;
  }

  // -- the connection

  /** What a `join` says. */
  greeting() {
    return {
      ...(this.content !== null && { version: this.version }),
      pending: this.queue.filter(({ sent }) => sent).slice(0, MOST_PENDING).map(({ id, base }) => ({ id, version: base })),
    };
  }

  /** The connection is gone, and with it whatever was on its way. */
  disconnect() {
    this.joined = false;
    this.#asked = false;
    this.#inFlight.clear();
  }

  /** @param {string} type  @param {any} payload */
  hear(type, payload) {
    if (type === "sync") this.#sync(payload);
    else if (type === "op-patch") this.#patch(payload);
    else if (type === "op-ack") this.#ack(payload);
    else if (type === "error") this.#error(payload);
  }

  /** @param {any} sync */
  #sync({ version, content, checksum: told, epoch, pending = {} }) {
    const restored = this.epoch !== null && epoch !== undefined && epoch !== this.epoch;
    this.epoch = epoch ?? this.epoch;
    const edits = this.queue;
    const known = this.version;
    this.queue = [];
    this.#applied.clear();
    this.content = content;
    this.version = version;
    this.joined = true;
    this.#asked = false;
    if (restored || version < known) this.#own.clear(); // a failover may have lost the newest
    this.wellCopied = told === undefined || told === checksum(content);
    for (const edit of edits) {
      const committed = pending[edit.id]?.status === "committed" ? pending[edit.id].version : edit.committed;
      if (restored) this.#refuse(edit, "RESTORED", "The database was restored from a backup meanwhile.");
      else if (committed !== null && committed <= version) this.#commit(edit, committed);
      else {
        this.#try(edit);
        this.queue.push(edit);
      }
    }
    this.#flush();
    this.#tell("queue", "change");
  }

  /** Somebody else's edit. @param {any} message */
  #patch({ version, patches, checksum: told }) {
    if (!this.joined || version <= this.version) return;
    if (version !== this.version + 1) return this.#ask();
    this.#beneath(() => {
      this.content = apply(this.content, patches).document;
      this.version = version;
      if (told !== undefined && told !== checksum(this.content)) this.#ask();
    });
    this.dispatchEvent(new CommittedEvent(null, version));
    this.#tell("change");
  }

  /** @param {{ id: string, version: number }} message */
  #ack({ id, version }) {
    const edit = this.queue.find((one) => one.id === id);
    this.#inFlight.delete(id);
    if (!edit) return;
    edit.committed = version;
    if (version > this.version + 1 || (edit !== this.queue[0] && version === this.version + 1)) return this.#ask();
    if (version === this.version + 1) {
      if (edit.inverse === null) return this.#ask(); // which is not how the server sees it
      this.version = version;
    } else if (edit.inverse) this.#beneath(() => this.queue.splice(this.queue.indexOf(edit), 1));
    this.queue = this.queue.filter((one) => one !== edit);
    this.#commit(edit, version);
    this.#flush();
    this.#tell("queue");
  }

  /** @param {any} error */
  #error({ code, message, id, ops = [], sync }) {
    const at = id === undefined && code === "TOO_LARGE" ? this.#largest() : this.queue.findIndex((edit) => edit.id === id);
    if (at < 0) return;
    const edit = this.queue[at];
    if (code === "READ_ONLY") return this.#refuseAll(code, message);
    if (code === "INTERNAL_ERROR") {
      // It may be taken another time, under another id, like those behind it.
      for (const one of this.queue.slice(at)) this.#renew(one);
      return this.#tell("queue", "lost");
    }
    for (const op of [...ops].sort((a, b) => a.version - b.version)) if (op.id !== id) this.#patch(op);
    if (code === "VERSION_CONFLICT" && !edit.undoes && !edit.again) edit.again = true;
    else this.#beneath(() => this.queue.splice(this.queue.indexOf(edit), 1));
    // What hangs on it is refused as well, and nothing of that was committed.
    this.#beneath(() => {
      for (const behind of this.queue.slice(at)) this.#renew(behind);
      if (this.queue.includes(edit)) edit.base = sync?.version ?? this.version;
    });
    if (!this.queue.includes(edit)) this.#refuse(edit, code, message);
    if (sync) this.#sync(sync);
    this.#flush();
    this.#tell("queue", "change");
  }

  /** What is too large for a message is refused without its id. */
  #largest() {
    const sizes = this.queue.map(({ id, patches }) => (this.#inFlight.has(id) ? JSON.stringify(patches).length : -1));
    return sizes.indexOf(Math.max(0, ...sizes));
  }

  /** @param {Edit} edit */
  #renew(edit) {
    if (!edit.sent) return;
    this.#inFlight.delete(edit.id);
    edit.id = this.newId();
    edit.sent = false;
  }

  #flush() {
    if (!this.joined || this.#asked) return;
    /** @type {string | null} */
    let before = null;
    for (const edit of this.queue) {
      if (!this.#inFlight.has(edit.id) && edit.committed === null) {
        if (this.#inFlight.size >= MOST_IN_FLIGHT) return;
        this.#inFlight.add(edit.id);
        edit.sent = true;
        const { id, base: version, patches } = edit;
        this.say("op-patch", { id, version, patches, ...(before && { after: before }) });
      }
      before = edit.id;
    }
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    this.say("sync", {});
  }

  /** @param {Edit} edit  @param {number} version */
  #commit(edit, version) {
    edit.committed = version;
    this.#applied.delete(edit);
    this.#inFlight.delete(edit.id);
    this.#own.add(version);
    if (this.#own.size > MOST_OWN) this.#own.delete(Math.min(...this.#own));
    this.dispatchEvent(new CommittedEvent(edit, version));
  }

  /** @param {Edit} edit  @param {string} code  @param {string} message */
  #refuse(edit, code, message) {
    this.dispatchEvent(new RefusedEvent(edit, code, message));
  }

  /** Not one of one's edits will be taken. @param {string} code  @param {string} message */
  #refuseAll(code, message) {
    const edits = this.queue;
    this.#beneath(() => (this.queue = []));
    this.#inFlight.clear();
    for (const edit of edits) this.#refuse(edit, code, message);
    this.#tell("queue", "change");
  }

  // -- what is on top

  /** Does something to what is committed, beneath one's own edits. @param {() => void} act */
  #beneath(act) {
    for (const edit of [...this.queue].reverse()) this.#take(edit);
    try {
      act();
    } catch (problem) {
      if (!isUnfit(problem)) throw problem;
      this.#ask(); // we have something else than the others
    }
    for (const edit of this.queue) this.#try(edit);
  }

  /** @param {Edit} edit */
  #put(edit) {
    const applied = apply(this.content, edit.patches);
    this.content = applied.document;
    this.#applied.set(edit, applied);
    edit.inverse = applied.inverse;
  }

  /** An edit that does not fit any more stays, and is not shown: the server says what becomes of it. @param {Edit} edit */
  #try(edit) {
    try {
      this.#put(edit);
    } catch (problem) {
      if (!isUnfit(problem)) throw problem;
      edit.inverse = null;
    }
  }

  /** @param {Edit} edit */
  #take(edit) {
    const applied = this.#applied.get(edit);
    if (!applied) return;
    this.content = revert(this.content, applied);
    this.#applied.delete(edit);
  }

  /** @param {...string} types */
  #tell(...types) {
    for (const type of types) this.dispatchEvent(new Event(type));
  }
}

/** Whether it says that a patch does not fit. @param {unknown} problem */
export function isUnfit(problem) {
  return problem instanceof PatchFailed || problem instanceof TooLarge;
}

/** Whether a later patch makes an earlier value of the same place unneeded. @param {Operation} one  @param {Operation[]} later */
function isReplaced(one, later) {
  return one.op === "replace" && later.some(({ op, path }) => op === "replace" && path === one.path);
}

/** Of 128 bits, without `randomUUID`, which pages without TLS lack. */
function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
