/** A server of one page, scripted: it decides as docs/pages/protocol.md says, and delivers when the test wants it to. */

import { checksum } from "../lib/patches/canonical.js";
import { conflict } from "../lib/patches/effects.js";
import { apply } from "../lib/patches/patch.js";
import { PatchFailed } from "../lib/patches/refusals.js";
import { newPage, problem } from "../lib/patches/schema.js";

export class PageServer {
  epoch = "1";
  version = 1;
  content = newPage();
  ops = [];
  /** Whether a checksum goes with every op, and not with each 50th. */
  checks = false;
  /** @type {Map<string, any>} */
  known = new Map();

  /** What becomes of an edit: the op, or a refusal. @param {Line} from  @param {any} message */
  commit(from, { id, version, patches, after }) {
    const known = this.known.get(id);
    if (known) return { op: known, isNew: false };
    if (after && from.refused.has(after)) return this.refuse(from, id, { code: "VERSION_CONFLICT" });
    const missed = this.ops.filter((op) => op.version > version && op.client_id !== from.client);
    const content = structuredClone(this.content);
    let applied;
    try {
      applied = apply(content, patches);
    } catch (error) {
      if (!(error instanceof PatchFailed)) throw error;
      return this.refuse(from, id, missed.length ? { code: "VERSION_CONFLICT", ops: missed } : { code: "PATCH_FAILED", index: error.index });
    }
    const overlaps = missed.some((op) => op.effects.some((one) => applied.effects.some((other) => conflict([one], [other]))));
    if (overlaps) return this.refuse(from, id, { code: "VERSION_CONFLICT", ops: missed });
    const wrong = problem(applied.document);
    if (wrong) return this.refuse(from, id, { code: "INVALID", message: wrong });
    this.content = applied.document;
    this.version += 1;
    const op = { id, version: this.version, patches, client_id: from.client, user_id: 1, effects: applied.effects };
    this.ops.push(op);
    this.known.set(id, op);
    return { op, isNew: true };
  }

  refuse(from, id, error) {
    from.refused.add(id);
    return { error: { id, message: "", version: this.version, ...error } };
  }

  sync(pending = []) {
    const became = pending.map(({ id }) => [id, this.known.has(id) ? { status: "committed", version: this.known.get(id).version } : { status: "unknown" }]);
    return { version: this.version, content: structuredClone(this.content), checksum: checksum(this.content), epoch: this.epoch, pending: Object.fromEntries(became) };
  }
}

let connections = 0;

/** A replica's connection to the server. Each way is in order; `up()` and `down()` deliver what waits, or so many messages. */
export class Line {
  /** @param {PageServer} server  @param {import("../pages/sync/replica.js").Replica} replica  @param {Line[]} others all of the page */
  constructor(server, replica, others) {
    Object.assign(this, { server, replica, others });
    this.connected = false;
    replica.say = (type, payload) => this.connected && this.rising.push([type, structuredClone(payload)]);
    others.push(this);
  }

  connect() {
    Object.assign(this, { connected: true, joined: false, client: `c${++connections}`, refused: new Set(), rising: [], falling: [] });
    this.rising.push(["join", this.replica.greeting()]);
  }

  cut() {
    Object.assign(this, { connected: false, joined: false, rising: [], falling: [] });
    this.replica.disconnect();
  }

  up(most = Infinity) {
    for (let count = 0; count < most && this.rising.length; count++) this.#answer(...this.rising.shift());
  }

  down(most = Infinity) {
    for (let count = 0; count < most && this.falling.length; count++) this.replica.hear(...structuredClone(this.falling.shift()));
  }

  #answer(type, payload) {
    if (type === "join") this.joined = true;
    if (type === "join" || type === "sync") return this.falling.push(["sync", this.server.sync(payload.pending)]);
    const { op, isNew, error } = this.server.commit(this, payload);
    if (error) return this.falling.push(["error", error]);
    this.falling.push(["op-ack", { id: op.id, version: op.version }]);
    if (!isNew) return undefined;
    const told = { ...op, effects: undefined, ...(this.server.checks && { checksum: checksum(this.server.content) }) };
    for (const line of this.others) if (line !== this && line.joined) line.falling.push(["op-patch", told]);
    return undefined;
  }
}

/** Until nothing waits anywhere. @param {Line[]} lines */
export function settle(lines) {
  while (lines.some(({ connected, rising, falling }) => connected && (rising.length || falling.length))) {
    for (const line of lines) {
      line.up();
      line.down();
    }
  }
}
