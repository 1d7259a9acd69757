/**
 * The stream of events, of which the leader of the tabs (tabs.js) holds the only one. It passes each event on with the cursor
 * that came before it, so that the others see what they have missed: they ask the leader for it, and begin anew with a fresh
 * copy if it does not have that any more.
 */

/** @typedef {import("../../client/stream.js").StreamEvent} StreamEvent */
/** @typedef {import("../../client/stream.js").Stream} Stream */
/** @typedef {import("../../client/surroundings.js").Surroundings} Surroundings */
/** @typedef {import("../../client/surroundings.js").Heard} Heard */
/** @typedef {"live" | "connecting" | "offline"} State */
/** @typedef {{ before: string, event: StreamEvent }} Frame `before`: the cursor of the frame before it */

const MOST_KEPT = 1000;
/** The shortest time between two fresh copies, if tabs do not agree where they are. */
const ANEW_MS = 2000;

export class SharedStream {
  /** Up to where this tab has heard. @type {string} */
  cursor = "";
  #tabs;
  #make;
  #heard;
  #changed;
  #place;
  /** @type {Stream | null} */
  #stream = null;
  #isOpen = false;
  /** The newest that were heard here, for tabs that missed them. @type {Frame[]} */
  #frames = [];
  /** The epochs of which they are: after a failover the stream goes on in another one. @type {Set<string>} */
  #epochs = new Set();
  /** The leader's, or the own one's. @type {State} */
  #state = "connecting";
  /** Whether nothing is missing of what the leader has heard. */
  #isComplete = false;
  #isAsking = false;
  #anewAt = -Infinity;
  /** @type {Set<Heard>} */
  #watching = new Set();

  /**
   * `make` makes a Stream; `changed` is told of each state, which is the same in all tabs.
   *
   * @param {{
   *   tabs: import("./tabs.js").Tabs, place: Surroundings, heard: (event: StreamEvent) => void, changed: (state: State) => void,
   *   make: (options: { heard: (event: StreamEvent) => void, changed: (state: string) => void, cursor: string, place: Surroundings }) => Stream,
   * }} options
   */
  constructor({ tabs, place, make, heard, changed }) {
    this.#tabs = tabs;
    this.#make = make;
    this.#heard = heard;
    this.#changed = changed;
    this.#place = {
      ...place,
      /** Another tab may come into sight, too. @param {Heard} told */
      watch: (told) => {
        this.#watching.add(told);
        const unwatch = place.watch(told);
        return () => {
          this.#watching.delete(told);
          unwatch();
        };
      },
    };
    place.watch({ offline() {}, online() {}, away() {}, back() {}, visible: () => tabs.tell({ type: "visible" }) });
  }

  /** Follows what happens, from the cursor on. */
  open() {
    this.#isOpen = true;
    if (this.#tabs.isLeader) this.#begin();
    else this.#ask();
  }

  close() {
    if (this.#stream) this.#become("connecting");
    this.#isOpen = false;
    this.#end();
  }

  /** Sends a frame; one that is sent without a connection is lost. @param {string} type  @param {object} [payload] */
  send(type, payload) {
    if (this.#tabs.isLeader) this.#stream?.send(type, payload);
    else this.#tabs.tell({ type: "send", frame: [type, payload] });
  }

  /** This tab leads from now on, or does not any more. @param {boolean} isLeader */
  led(isLeader) {
    this.#end();
    if (!this.#isOpen) return;
    if (isLeader) this.#begin();
    else this.#ask();
  }

  /** What another tab says. @param {import("./tabs.js").Message} message  @param {boolean} isLeaders */
  take(message, isLeaders) {
    if (this.#tabs.isLeader) return this.#answer(message);
    if (!this.#isOpen) return;
    const { type, to, frame, frames, cursor, state } = message;
    if (type === "frame") this.#pass(frame);
    else if (type === "leads") {
      this.#isAsking = false;
      this.#ask();
    }
    if (!isLeaders) return;
    if (type === "here") this.#compare(cursor, state);
    else if (type === "frames" && to === this.#tabs.id) {
      this.#isAsking = false;
      for (const one of frames) this.#pass(one);
      this.#compare(cursor, state);
    } else if (type === "missed" && to === this.#tabs.id) this.#beginAnew(cursor);
  }

  // -- of the leader

  #begin() {
    this.#become("connecting");
    this.#frames = [];
    this.#epochs = new Set([epochOf(this.cursor)]);
    const stream = this.#make({
      cursor: this.cursor,
      place: this.#place,
      heard: (event) => stream === this.#stream && this.#hear(event),
      changed: (state) => stream === this.#stream && this.#connected(state),
    });
    this.#stream = stream;
    stream.open();
  }

  #end() {
    const stream = this.#stream;
    this.#stream = null;
    stream?.close();
    this.#isComplete = this.#isAsking = false;
  }

  /** @param {StreamEvent} event */
  #hear(event) {
    const frame = { before: this.cursor, event };
    if (!this.#tabs.isAlone) this.#tabs.tell({ type: "frame", frame });
    if (event.cursor && event.kind !== "reset") {
      this.cursor = event.cursor;
      this.#epochs.add(epochOf(this.cursor));
      this.#frames.push(frame);
      if (this.#frames.length > MOST_KEPT) this.#frames.shift();
    }
    this.#heard(event);
    if (event.kind === "ready") this.#become("live");
  }

  /** @param {string} state */
  #connected(state) {
    if (state === "offline") this.#become("offline");
    else if (state !== "open" && state !== "closed") this.#become("connecting");
  }

  /** @param {import("./tabs.js").Message} message */
  #answer({ type, from, cursor, frame }) {
    if (type === "send") this.#stream?.send(.../** @type {[string, object]} */ (frame));
    else if (type === "visible") for (const told of [...this.#watching]) told.visible();
    else if (type === "ping") this.#tell({ type: "here" });
    else if (type === "want" && this.#state === "live") this.#tell({ to: from, ...this.#since(cursor) });
  }

  /** With how far this tab is. @param {import("./tabs.js").Message} message */
  #tell(message) {
    this.#tabs.tell({ ...message, cursor: this.cursor, state: this.#state });
  }

  /** @param {string} cursor @returns {{ type: string, frames?: Frame[] }} */
  #since(cursor) {
    const [epoch, at] = [epochOf(cursor), placeOf(cursor)];
    if (!this.#epochs.has(epoch)) return { type: "missed" };
    if (epoch === epochOf(this.cursor) && at >= placeOf(this.cursor)) return { type: "frames", frames: [] };
    if (!this.#frames.length || placeOf(this.#frames[0].before) > at) return { type: "missed" };
    /** @param {string} other */
    const isLater = (other) => placeOf(other) > at || (placeOf(other) === at && epochOf(other) !== epoch);
    return { type: "frames", frames: this.#frames.filter(({ event }) => isLater(event.cursor ?? "")) };
  }

  // -- of the others

  /** What has been missed. */
  #ask() {
    this.#isComplete = false;
    this.#show();
    if (!this.#isAsking) this.#tabs.tell({ type: "want", cursor: this.cursor });
    this.#isAsking = true;
  }

  /** An event as the leader has heard it. @param {Frame} frame */
  #pass({ before, event }) {
    const { cursor, kind } = event;
    if (!this.#isOpen) return; // another frame has shown that all begins anew
    if (kind === "reset") return this.#heard(event);
    if (!cursor) return void (this.#isComplete && this.#heard(event));
    const isOther = epochOf(cursor) !== epochOf(this.cursor);
    if (isOther && epochOf(before) !== epochOf(this.cursor)) return this.#ask();
    if (placeOf(cursor) <= placeOf(this.cursor) && !isOther) return;
    if (placeOf(before) > placeOf(this.cursor)) return this.#ask();
    this.cursor = cursor;
    this.#heard(event);
  }

  /** How far the leader is. @param {string} cursor  @param {State} state */
  #compare(cursor, state) {
    this.#state = state;
    if (!this.#isOpen || !cursor) return;
    this.#isComplete = epochOf(cursor) === epochOf(this.cursor) && placeOf(cursor) <= placeOf(this.cursor);
    if (this.#isComplete) {
      this.#isAsking = false;
      this.#show();
    } else if (epochOf(cursor) === epochOf(this.cursor) || state === "live") {
      this.#isAsking = false; // what was asked before did not come
      this.#ask();
    }
  }

  /** Events were missed, or are of another history than this tab's. @param {string} cursor */
  #beginAnew(cursor) {
    const now = this.#place.now();
    if (now - this.#anewAt < ANEW_MS) return; // the leader is asked again when it is heard next
    this.#anewAt = now;
    this.#heard({ kind: "reset", data: { cursor, reason: "missed" }, cursor: null });
  }

  // -- of all

  /** @param {State} state */
  #become(state) {
    this.#state = state;
    this.#isComplete = true;
    this.#tell({ type: "here" });
    this.#show();
  }

  #show() {
    this.#changed(this.#isComplete || this.#state === "offline" ? this.#state : "connecting");
  }
}

/** @param {string} cursor */
const epochOf = (cursor) => cursor.split(".")[0];

/** @param {string} cursor */
const placeOf = (cursor) => Number(cursor.split(".")[1]);
