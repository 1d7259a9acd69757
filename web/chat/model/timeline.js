/** A part of a chat's history, or of a thread's, without gaps: what is shown, and how more of it is fetched. */

import { batch, computed, signal } from "../../vendor/preact.js";

/** @typedef {Record<string, any>} Message */
/** @typedef {import("../../client/outbox.js").Entry} Entry */
/** @typedef {Message & { pending?: Entry }} Row */

const AMOUNT = 50;
/** How many messages are kept when the oldest are dropped. */
const MOST = 400;
const KEPT = 200;

export class Timeline {
  /** Somebody stands away from the newest, so nothing is let go. */
  isHeld = false;
  /** What is known to the server, in order. */
  #messages = signal(/** @type {readonly Message[]} */ ([]));
  /** Own messages that are not shown: they may be what is being sent, and the answer will say so. */
  #held = signal(/** @type {ReadonlySet<number>} */ (new Set()));
  #fetch;
  #kept;
  #generation = 0;
  /** What events have done to messages while some are being fetched, and must do to those as well. @type {(() => void)[]} */
  #meanwhile = [];

  /**
   * `kept` has those messages, by `before_id`, `after_id` or `around_id`, or the newest, that are on the disk and follow what
   * is shown: they are shown while `fetch` gets all of them, which the network may do late or never. `pending` has what is not
   * posted yet.
   * `newest` are the newest messages, if they are known already, and `isAll` says that there are no older ones.
   *
   * @param {{
   *   fetch: (query: Record<string, number>, kept: Message[]) => Promise<Message[]>, kept?: (query: Record<string, number>) => Promise<Message[]>, pending: ReturnType<typeof computed<Row[]>>,
   *   newest?: Message[], isAll?: boolean, firstUnread?: number | null,
   * }} options
   */
  constructor({ fetch, kept = async () => [], pending, newest = [], isAll = false, firstUnread = null }) {
    this.#fetch = fetch;
    this.#kept = kept;
    this.#messages.value = sorted(newest);
    this.atStart = signal(isAll);
    this.atEnd = signal(true);
    this.loading = signal(/** @type {"older" | "newer" | null} */ (null));
    this.firstUnread = firstUnread;
    this.rows = computed(() => {
      const known = this.#messages.value;
      const held = this.#held.value;
      const shown = held.size ? known.filter(({ id }) => !held.has(id)) : known;
      return /** @type {readonly Row[]} */ (this.atEnd.value ? [...shown, ...pending.value] : shown);
    });
  }

  get messages() {
    return this.#messages.value;
  }

  /** Fetches what is older than what is here, if there is more. */
  async older() {
    const [first] = this.#messages.value;
    if (!first) return this.toNewest();
    if (this.atStart.value || this.loading.value) return;
    await this.#load("older", { before_id: first.id }, (found) => {
      this.#join(found);
      this.atStart.value = found.length < AMOUNT;
    });
  }

  async newer() {
    const last = this.#messages.value.at(-1);
    if (!last) return this.toNewest();
    if (this.atEnd.value || this.loading.value) return;
    await this.#load("newer", { after_id: last.id }, (found) => {
      this.#join(found);
      this.atEnd.value = found.length < AMOUNT;
    });
  }

  /** Shows the history around a message instead. @param {number} id */
  async around(id) {
    if (this.#messages.value.some((message) => message.id === id)) return;
    await this.#load("older", { around_id: id }, (found) => {
      this.#messages.value = sorted(found);
      this.atStart.value = false;
      this.atEnd.value = false;
    });
  }

  /** Shows the newest messages, and what comes. */
  async toNewest() {
    if (this.atEnd.value && this.#messages.value.length) return;
    await this.refresh();
  }

  /** Fetches the newest anew, and forgets the rest. */
  async refresh() {
    await this.#load("newer", {}, (found) => {
      this.#messages.value = sorted(found);
      this.atStart.value = found.length < AMOUNT;
      this.atEnd.value = true;
    });
  }

  /** The newest messages are these, from a fresh snapshot. @param {Message[]} newest  @param {boolean} isAll */
  reset(newest, isAll) {
    this.#generation++;
    this.#messages.value = sorted(newest);
    this.atStart.value = isAll;
    this.atEnd.value = true;
    this.loading.value = null;
  }

  /** A message is new, and the newest. @param {Message} message */
  append(message) {
    if (this.loading.value) this.#meanwhile.push(() => this.append(message));
    if (!this.atEnd.value) return;
    const known = this.#messages.value;
    const last = known.at(-1);
    if (last && message.seq <= last.seq) return this.#join([message], true);
    const isLong = known.length >= MOST && !this.isHeld;
    if (isLong) this.atStart.value = false;
    this.#messages.value = [...(isLong ? known.slice(-KEPT) : known), message];
  }

  /** Puts others in the place of messages that are here. @param {(message: Message) => Message | null} act null: it is gone */
  change(act) {
    if (this.loading.value) this.#meanwhile.push(() => this.change(act));
    const now = this.#messages.value.map((message) => act(message));
    if (now.every((message, at) => message === this.#messages.value[at])) return;
    this.#messages.value = /** @type {Message[]} */ (now.filter((message) => message !== null));
  }

  /** @param {ReadonlySet<number>} ids */
  hold(ids) {
    this.#held.value = ids;
  }

  /** @param {"older" | "newer"} which  @param {Record<string, number>} query  @param {(found: Message[]) => void} take */
  async #load(which, query, take) {
    const generation = ++this.#generation;
    this.loading.value = which;
    this.#meanwhile = [];
    try {
      const wanted = { ...query, limit: AMOUNT };
      const kept = await this.#kept(wanted).catch(() => []);
      if (generation !== this.#generation) return;
      // The newest follow what is shown only if that goes on to the end.
      if (kept.length && (query.before_id || this.atEnd.value)) this.#join(kept);
      const found = await this.#fetch(wanted, kept);
      if (generation !== this.#generation) return;
      batch(() => {
        take(found);
        this.loading.value = null;
        for (const act of this.#meanwhile) act();
      });
    } finally {
      if (generation === this.#generation) this.loading.value = null;
    }
  }

  /** `isNewer`: than those that are here; what was fetched is not. @param {Message[]} more  @param {boolean} [isNewer] */
  #join(more, isNewer = false) {
    const all = new Map(this.#messages.value.map((message) => [message.id, message]));
    for (const message of more) if (isNewer || !all.has(message.id)) all.set(message.id, message);
    this.#messages.value = sorted([...all.values()]);
  }
}

/** @param {readonly Message[]} messages */
function sorted(messages) {
  return [...messages].sort((one, other) => one.seq - other.seq);
}
