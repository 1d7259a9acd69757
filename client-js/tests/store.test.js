import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { IndexedDatabase } from "../src/store/indexed.js";
import { MemoryDatabase } from "../src/store/memory.js";
import { Store } from "../src/store.js";

const fake = createRequire(new URL("../../web/package.json", import.meta.url))("fake-indexeddb");
Object.assign(globalThis, { IDBKeyRange: fake.IDBKeyRange });

const message = (seq, more = {}) => ({ id: 100 + seq, chat_id: 1, seq, content: `${seq}`, reactions: [], ...more });
const messages = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const state = (cursor, more = {}) => ({ cursor, at: 5, shell: { user: { id: 1 } }, ...more });
const seqs = async (store, chat, before, amount = 50) => (await store.before(chat, before, amount)).map(({ seq }) => seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Each test is of both kinds of databases. */
function both(name, act) {
  test(`${name} (in memory)`, () => act(new MemoryDatabase()));
  test(`${name} (on disk)`, () => act(new IndexedDatabase("fechatter.1", new fake.IDBFactory())));
}

both("the cursor only moves forward, and what comes with an older one, or of another epoch, is not written", async (database) => {
  const store = new Store(1, database);
  assert.equal(await store.load(), null);
  assert.equal(await store.commit(state("a.5")), true);
  assert.equal(await store.commit(state("a.4", { shell: { user: { id: 9 } } })), false);
  assert.equal(await store.commit(state("b.9", { shell: { user: { id: 9 } } })), false);
  assert.equal(await store.commit(state("a.5", { shell: { user: { id: 1 }, two: true } })), true);
  assert.deepEqual(await store.load(), { shell: { user: { id: 1 }, two: true }, cursor: "a.5", at: 5 });
  await store.reset();
  assert.equal(await store.commit(state("b.1")), true);
});

both("a disk that is behind the events loses its messages, and is not written to without a shell", async (database) => {
  const store = new Store(1, database);
  const histories = [{ chatId: 1, messages: messages(1, 50) }];
  assert.equal(await store.commit({ cursor: "a.4", from: "a.1", at: 5, histories }), false, "there is nothing yet");
  await store.commit(state("a.4", { histories }));
  assert.equal(await store.commit({ cursor: "a.8", from: "a.5", at: 5, left: [1] }), false);
  assert.equal((await store.before(1, 51, 50, "a.5")).length, 0);
  assert.equal((await store.before(1, 51, 50, "a.4")).length, 50);
  const events = [{ kind: "MessageUpdated", data: message(3, { content: "edited" }) }];
  assert.equal(await store.commit({ cursor: "a.8", from: "a.4", at: 5, events }), true);
  assert.deepEqual([(await store.before(1, 4, 1))[0].content, (await store.load()).cursor], ["edited", "a.4"], "the cursor is the leader's to move");
  assert.equal(await store.commit(state("a.9", { from: "a.5" })), true);
  assert.deepEqual([await seqs(store, 1, 51), (await store.load()).cursor], [[], "a.9"]);
});

both("histories join where they touch, and else the newer one stays", async (database) => {
  const store = new Store(1, database);
  await store.commit(state("a.1", { histories: [{ chatId: 1, messages: messages(90, 120) }] }));
  assert.deepEqual(await seqs(store, 1, 121, 10), range(111, 120));
  assert.deepEqual(await seqs(store, 1, 110), range(90, 109));
  await store.commit(state("a.2", { histories: [{ chatId: 1, messages: messages(40, 89) }] }));
  assert.deepEqual(await seqs(store, 1, 121, 200), range(40, 120));
  await store.commit(state("a.3", { histories: [{ chatId: 1, messages: messages(1, 20) }] })); // older, and apart
  assert.deepEqual(await seqs(store, 1, 121, 200), range(40, 120));
  await store.commit(state("a.4", { events: [{ kind: "NewMessage", data: message(121) }] }));
  assert.deepEqual(await seqs(store, 1, 122, 3), [119, 120, 121]);
  await store.commit(state("a.5", { histories: [{ chatId: 1, messages: messages(200, 210) }] })); // newer, and apart
  assert.deepEqual([await seqs(store, 1, 211, 200), await seqs(store, 1, 150)], [range(200, 210), []]);
});

both("events reach messages on the disk, once or twice, and expired ones go", async (database) => {
  const store = new Store(1, database);
  await store.commit(state("a.1", { histories: [{ chatId: 1, messages: messages(40, 60) }] }));
  const events = [
    { kind: "MessageUpdated", data: message(41, { content: "edited" }) },
    { kind: "ReactionAdded", data: { chat_id: 1, message_id: 142, reactions: ["👍"] } },
    { kind: "MessageDeleted", data: { ...message(43), removed: true } },
    { kind: "MessageDeleted", data: { ...message(44, { content: "" }), removed: false } },
    { kind: "ThreadUpdated", data: { chat_id: 1, thread_id: 155, thread: { reply_count: 1 } } },
    { kind: "MessageUpdated", data: message(7, { chat_id: 3 }) },
  ];
  for (const cursor of ["a.2", "a.3"]) await store.commit(state(cursor, { events }));
  const found = new Map((await store.before(1, 61, 50)).map((one) => [one.seq, one]));
  assert.deepEqual([found.get(41).content, found.get(42).reactions, found.has(43), found.get(44).content, found.get(55).thread.reply_count], ["edited", ["👍"], false, "", 1]);
  assert.equal("removed" in found.get(44), false);
  await store.commit(state("a.4", { events: [{ kind: "ChatUpdated", data: { id: 1, first_seq: 55 } }] }));
  assert.deepEqual(await seqs(store, 1, 61), range(55, 60));
});

test("events that are of no chat do not cost the disk", async () => {
  const factory = new fake.IDBFactory();
  const store = new Store(1, new IndexedDatabase("f", factory));
  await store.commit(state("a.1"));
  const events = [{ kind: "WorkspaceMemberJoined", data: { workspace_id: 1, user_id: 2 } }];
  assert.equal(await store.commit(state("a.2", { events })), true);
  await store.outbox.put({ key: "k", madeAt: 1 });
  const later = new Store(1, new IndexedDatabase("f", factory));
  assert.deepEqual([store.isOnDisk, (await later.load()).cursor, await later.outbox.all()], [true, "a.2", [{ key: "k", madeAt: 1 }]]);
});

test("signing out leaves nothing on a disk that worked once", async () => {
  const factory = new fake.IDBFactory();
  const store = new Store(1, new IndexedDatabase("f", factory));
  await store.commit(state("a.1"));
  store.close();
  const { open } = factory;
  factory.open = () => { throw new DOMException("No disk.", "UnknownError"); };
  await store.outbox.put({ key: "k", madeAt: 1 });
  assert.equal(store.isOnDisk, false);
  factory.open = open;
  await store.destroy();
  assert.deepEqual(await factory.databases(), []);
});

both("of a chat that was left nothing stays, of others all; the outbox and drafts outlive all but signing out", async (database) => {
  const store = new Store(1, database);
  const entry = { key: "k", chatId: 1, body: {}, madeAt: 1, state: "waiting", problem: null };
  await store.outbox.put(entry);
  await store.drafts.put("1", { content: "Dear" });
  const histories = [1, 2].map((chatId) => ({ chatId, messages: messages(1, 120) }));
  await store.commit(state("a.1", { histories }));
  await store.commit(state("a.2", { left: [1] }));
  assert.deepEqual([await seqs(store, 1, 121, 9), await seqs(store, 2, 121, 2)], [[], [119, 120]]);
  await store.dropBlocks();
  assert.deepEqual([await seqs(store, 2, 121), (await store.load()).cursor], [[], "a.2"]);
  assert.equal(await new Store(2, database).load(), null); // somebody else's: gone
  assert.equal(await store.load(), null);
  assert.deepEqual([await store.outbox.all(), await store.drafts.get("1")], [[entry], { content: "Dear" }]);
  await store.drafts.put("1", null);
  await store.outbox.delete("k");
  assert.deepEqual([await store.outbox.all(), await store.drafts.get("1")], [[], undefined]);
  await store.commit(state("a.1"));
  await store.destroy();
  assert.equal(await new Store(1, database).load(), null);
});

both("a transaction that fails leaves nothing behind", async (database) => {
  const store = new Store(1, database);
  await store.commit(state("a.1"));
  const bad = { kind: "NewMessage", get data() { throw new Error("bad"); } };
  await assert.rejects(store.commit(state("a.2", { shell: { user: { id: 1 }, two: true }, events: [bad] })), /bad/);
  assert.deepEqual(await store.load(), { shell: { user: { id: 1 } }, cursor: "a.1", at: 5 });
});

test("a lost connection is opened again; what cannot be read goes, but for what only the user has; without a disk it is in memory", async () => {
  const factory = new fake.IDBFactory();
  const store = new Store(1, new IndexedDatabase("f", factory));
  await store.commit(state("a.1"));
  await store.outbox.put({ key: "k", madeAt: 1 });
  const opened = [];
  const open = factory.open.bind(factory);
  factory.open = (...given) => {
    const request = open(...given);
    request.addEventListener("success", () => opened.push(request.result));
    return request;
  };
  const broken = new Store(1, new IndexedDatabase("f", factory));
  await broken.load();
  opened[0].close(); // as Safari does, in the middle of the day
  assert.equal((await broken.load()).cursor, "a.1");
  assert.deepEqual([opened.length, broken.isOnDisk], [2, true]);

  store.close();
  broken.close();
  await new Promise((resolve) => setImmediate(resolve));
  const newer = open("f", 7);
  newer.onupgradeneeded = () => newer.result.deleteObjectStore("shell");
  await new Promise((resolve) => (newer.onsuccess = resolve));
  newer.result.close();
  const older = new Store(1, new IndexedDatabase("f", factory));
  assert.deepEqual([await older.load(), await older.outbox.all()], [null, [{ key: "k", madeAt: 1 }]]);

  factory.open = () => { throw new DOMException("No disk.", "UnknownError"); };
  const none = new Store(1, new IndexedDatabase("g", factory));
  assert.equal(await none.commit(state("a.1")), true);
  assert.deepEqual([none.isOnDisk, (await none.load()).cursor], [false, "a.1"]);
});
