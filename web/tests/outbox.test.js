import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { leaveNothing } from "../lib/left_behind.js";
import { Outbox } from "../pages/sync/outbox.js";

/** Of Web Storage what is used. */
function storage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, String(value)),
    removeItem: (key) => items.delete(key),
    key: (at) => [...items.keys()][at] ?? null,
    get length() {
      return items.size;
    },
  };
}

/** A browser's locks, of which each tab has a view: `close()` lets go of those of one tab. */
class Locks {
  #holders = new Map();

  tab() {
    const own = new Set();
    const request = async (key, _, use) => {
      if (this.#holders.has(key)) throw new Error("It is not free in time.");
      this.#holders.set(key, own);
      own.add(key);
      const done = use();
      if (done === undefined) this.#holders.delete(key);
      return done;
    };
    const close = () => own.forEach((key) => this.#holders.delete(key));
    return { locks: { request }, close };
  }
}

const set = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
let locks;

/** A tab in front, with a session storage of its own, or one that it was copied with. */
function tab(session = storage()) {
  const { locks: own, close } = locks.tab();
  set("navigator", { locks: own });
  set("sessionStorage", session);
  return { close, session };
}

const edit = (id) => ({ id, base: 1, patches: [], inverse: [{ op: "remove", path: "/x" }], group: "", undoes: false, sent: true, again: false, committed: null });

beforeEach(() => {
  locks = new Locks();
  set("localStorage", storage());
});

test("a tab that is loaded anew finds its edits, and so does the next one when it is gone", async () => {
  const first = tab();
  const outbox = new Outbox(1, 7);
  assert.deepEqual(await outbox.open(), { edits: [], epoch: null });
  outbox.keep([edit("a")], "e");
  first.close();
  tab(first.session);
  const found = await new Outbox(1, 7).open();
  assert.deepEqual([found.edits.map(({ id, inverse }) => [id, inverse]), found.epoch], [[["a", null]], "e"]);
  // It is closed before they were sent.
  locks = new Locks();
  tab();
  assert.deepEqual((await new Outbox(1, 7).open()).edits.map(({ id }) => id), ["a"]);
  assert.equal(localStorage.length, 1);
});

test("what a living tab has is its own, also where another one was copied from it", async () => {
  const { session } = tab();
  const outbox = new Outbox(1, 7);
  await outbox.open();
  outbox.keep([edit("a")], "e");
  const copied = storage();
  copied.setItem("fechatter.tab", session.getItem("fechatter.tab"));
  tab(copied);
  const other = new Outbox(1, 7);
  assert.deepEqual((await other.open()).edits, []);
  other.keep([edit("b")], "e");
  assert.notEqual(other.key, outbox.key);
  assert.equal(JSON.parse(localStorage.getItem(outbox.key)).edits[0].id, "a");
});

test("pages and users have their own, and whoever signs out leaves nothing", async () => {
  tab();
  const [mine, another, theirs] = [new Outbox(1, 7), new Outbox(1, 70), new Outbox(2, 7)];
  for (const [outbox, id] of [[mine, "a"], [another, "b"], [theirs, "c"]]) {
    await outbox.open();
    assert.equal(outbox.keep([edit(id)], "e"), true);
  }
  assert.equal(localStorage.length, 3);
  mine.keep([], "e");
  assert.equal(localStorage.length, 2);
  await leaveNothing(1);
  localStorage.removeItem("fechatter.signed-out");
  assert.deepEqual([localStorage.length, localStorage.key(0)], [1, theirs.key]);
  localStorage.setItem = () => {
    throw new Error("It is full.");
  };
  assert.equal(mine.keep([edit("d")], "e"), false);
});

test("without room for what others have left, it stays where it is; a record that is broken keeps no page from opening", async () => {
  const gone = tab();
  const left = new Outbox(1, 7);
  await left.open();
  left.keep([edit("a")], "e");
  gone.close();
  tab();
  localStorage.setItem(`${left.prefix}broken`, "{");
  localStorage.setItem(`${left.prefix}null`, "null");
  const room = localStorage;
  const full = () => {
    throw new Error("It is full.");
  };
  set("localStorage", new Proxy(room, { get: (_, name) => (name === "setItem" ? full : room[name]) }));
  assert.deepEqual((await new Outbox(1, 7).open()).edits.map(({ id }) => id), ["a"]);
  set("localStorage", room);
  tab();
  assert.deepEqual((await new Outbox(1, 7).open()).edits.map(({ id }) => id), ["a"]);
});
