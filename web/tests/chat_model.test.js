import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { surroundings } from "../client/surroundings.js";
import { Clock, Page, settled } from "./browser.js";
import { chat, ChatServer, me, message } from "./chat_server.js";

new Page();
const { Model } = await import("../chat/model/model.js");

let clock, server, model;

Object.assign(globalThis, { IDBKeyRange });

beforeEach(() => {
  clock = new Clock();
  server = new ChatServer();
  model = opened();
});

/** A page's model; with a `factory` it has a disk. */
function opened(factory = undefined, place = surroundings()) {
  return new Model({ place, me, sockets: "ws://chat.example", token: server.token, fetch: server.fetch, WebSocket: server.WebSocket, indexedDB: factory, browser: {} });
}
afterEach(() => clock.stop());

async function started() {
  const starting = model.start();
  await settled();
  await starting;
  await settled();
  server.opens();
  await settled();
  server.says("ready", { cursor: "1.1" }, "1.1");
  await settled();
}

const contents = (timeline) => timeline.rows.value.map(({ content, pending }) => content + (pending ? ` (${pending.state})` : ""));

test("it shows the snapshot, and each event where it belongs", async () => {
  assert.equal(model.state.value, "starting");
  await started();
  assert.equal(model.state.value, "live");
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=1.1&home=1");
  const timeline = model.timeline(1);
  const seen = [];
  model.chat(1).subscribe((value) => seen.push(value?.last_seq));
  server.says("NewMessage", message(13, 3), "1.2");
  server.says("MessageUpdated", message(11, 1, { content: "edited" }), "1.3");
  server.says("ReactionAdded", { chat_id: 1, message_id: 12, reactions: [{ emoji: "👍", count: 1, user_ids: [2] }] }, "1.4");
  server.says("NewChat", chat(7, []), "1.5");
  assert.deepEqual(contents(timeline), ["edited", "message 2", "message 3"]);
  assert.equal(timeline.rows.value[1].reactions[0].emoji, "👍");
  assert.equal(model.chat(1).value.unread, 1);
  assert.deepEqual([...model.chats.value.keys()], [1, 7]);
  assert.deepEqual(seen, [2, 3, 3, 3]); // and nothing of the other chat
  server.says("MessageDeleted", { ...message(13, 3), removed: true }, "1.6");
  assert.deepEqual(contents(timeline), ["edited", "message 2"]);
  // An import has added to a chat that is open.
  server.says("NewChat", chat(1, [message(11, 1, { content: "edited" }), message(12, 2), message(15, 4)]), "1.61");
  await settled();
  assert.deepEqual(contents(timeline), ["edited", "message 2", "message 4"]);
  server.says("UserLeftChat", { chat_id: 1, user_id: 1, member_count: 1 }, "1.7");
  assert.deepEqual([model.chat(1).value, contents(timeline)], [undefined, []]);
});

test("after a loss it goes on where it was, and after a reset from a fresh snapshot", async () => {
  await started();
  const timeline = model.timeline(1);
  server.says("NewMessage", message(13, 3), "1.9");
  server.loses();
  assert.equal(model.state.value, "connecting");
  await clock.pass(clock.next);
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=1.9&home=1");
  server.opens();
  server.snapshot = { ...server.snapshot, cursor: "2.1", chats: [chat(1, [message(12, 2), message(14, 4)])] };
  server.says("reset", { cursor: "2.0", reason: "epoch_changed" }, "2.0");
  await settled();
  await settled();
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=2.1&home=1");
  assert.deepEqual(contents(timeline), ["message 2", "message 4"]);
});

test("what a failover may have lost of one's own is put back, with its key", async () => {
  await started();
  server.answers.set("POST /chats/1/messages", ({ content }) => message(13, 3, { sender_id: 1, content }));
  const keys = () => server.asked.filter(({ what }) => what.startsWith("POST")).map(({ headers }) => headers["idempotency-key"]);
  const key = model.send(1, { content: "hello" });
  await settled();
  for (const [reason, often] of /** @type {[string, number][]} */ ([["epoch_changed", 1], ["lost", 2]])) {
    server.says("reset", { cursor: "2.0", reason }, "2.0");
    for (let turn = 0; turn < 4; turn++) await settled();
    server.opens();
    await settled();
    assert.deepEqual(keys(), Array(often).fill(key), reason);
  }
});

for (const kind of ["MessageDeleted", "MessageUpdated"]) {
  test(`what a failover may have lost of one's own is not put back after a ${kind}`, async () => {
    await started();
    server.answers.set("POST /chats/1/messages", ({ content }) => message(13, 3, { sender_id: 1, content }));
    model.send(1, { content: "hello" });
    await settled();
    server.says(kind, message(13, 3, { sender_id: 1, content: "edited" }), "1.2");
    server.says("reset", { cursor: "2.0", reason: "lost" }, "2.0");
    for (let turn = 0; turn < 4; turn++) await settled();
    server.opens();
    await settled();
    assert.equal(server.asked.filter(({ what }) => what.startsWith("POST")).length, 1);
  });
}

test("an own message is shown at once, and once, though its event is here before its answer", async () => {
  await started();
  const timeline = model.timeline(1);
  let answer;
  server.answers.set("POST /chats/1/messages", () => new Promise((resolve) => (answer = resolve)));
  const key = model.send(1, { content: "hello" });
  assert.deepEqual(contents(timeline), ["message 1", "message 2", "hello (sending)"]);
  await settled();
  assert.deepEqual(contents(timeline), ["message 1", "message 2", "hello (sending)"]);
  const posted = server.asked.find(({ what }) => what.startsWith("POST"));
  assert.deepEqual([posted.body, posted.headers], [{ content: "hello" }, posted.headers]);
  assert.equal(posted.headers["idempotency-key"], key);
  const own = message(13, 3, { sender_id: 1, content: "hello" });
  server.says("NewMessage", own, "1.2");
  server.says("NewMessage", message(14, 4), "1.3");
  assert.deepEqual(contents(timeline), ["message 1", "message 2", "message 4", "hello (sending)"]);
  answer(own);
  await settled();
  assert.deepEqual(contents(timeline), ["message 1", "message 2", "hello", "message 4"]);
  assert.deepEqual(model.outbox.value, []);
});

test("without a network it waits, in order; what the server refuses stays in sight", async () => {
  await started();
  const timeline = model.timeline(1);
  server.answers.set("POST /chats/1/messages", () => Promise.reject(new TypeError("no network")));
  const first = model.send(1, { content: "one" });
  const second = model.send(1, { content: "two" });
  await settled();
  assert.deepEqual(contents(timeline).slice(2), ["one (waiting)", "two (waiting)"]);
  server.answers.set("POST /chats/1/messages", ({ content }) =>
    content === "one" ? server.refuses(403, { code: "member_is_silenced", detail: "No." }) : message(13, 3, { sender_id: 1, content }),
  );
  await clock.pass(clock.next);
  await settled();
  assert.deepEqual(contents(timeline).slice(2), ["two", "one (refused)"]);
  assert.equal(model.outbox.value[0].problem.code, "member_is_silenced");
  const keys = server.asked.filter(({ what }) => what.startsWith("POST")).map(({ headers }) => headers["idempotency-key"]);
  assert.deepEqual(keys, [first, first, second]);
  model.discard(first);
  assert.deepEqual(contents(timeline).slice(2), ["two"]);
});

test("what happens while older messages are fetched happens to them as well", async () => {
  server.snapshot.chats[0].messages = Array.from({ length: 50 }, (_, at) => message(15 + at, 5 + at));
  await started();
  const timeline = model.timeline(1);
  assert.equal(timeline.atStart.value, false);
  await rested();
  let answer;
  server.answers.set("GET /chats/1/messages", () => new Promise((resolve) => (answer = resolve)));
  const loading = timeline.older();
  assert.equal(timeline.loading.value, "older");
  await settled();
  assert.ok(server.asked.at(-1).what.includes("before_id=15"));
  server.says("MessageUpdated", message(13, 3, { content: "edited" }), "1.2");
  answer([message(14, 4), message(13, 3)]);
  await loading;
  assert.deepEqual(contents(timeline).slice(0, 3), ["edited", "message 4", "message 5"]);
  assert.deepEqual([timeline.atStart.value, timeline.loading.value], [true, null]);
});

test("who could not be fetched without a network is once there is one, and oneself is known", async () => {
  server.answers.set("GET /users", () => { throw new TypeError("no network"); });
  await started();
  const [self, bob] = [model.person(1), model.person(2)];
  await settled();
  assert.deepEqual([self.value.fullname, bob.value.fullname], ["Ada", ""]);
  server.answers.set("GET /users", (_body, path) => (path.includes("ids=2") ? [{ id: 2, username: "bob", fullname: "Bob" }] : []));
  server.loses();
  await clock.pass(clock.next);
  server.opens();
  server.says("ready", { cursor: "1.1" }, "1.1");
  await settled();
  assert.equal(bob.value.fullname, "Bob");
});

test("who sends has stopped typing, and begins again at the next key", async () => {
  await started();
  const typing = () => server.socket.sent.filter((frame) => frame.type === "typing").map(({ payload }) => payload.typing);
  model.typed(1);
  model.typed(1);
  model.send(1, { content: "Hello" });
  model.send(1, { content: "again" });
  model.typed(1);
  assert.deepEqual(typing(), [true, false, true]);
});

test("of what is seen the newest is told, twice a second, and nothing in a chat that was marked as unread", async () => {
  server.snapshot.chats[0] = chat(1, [message(11, 1), message(12, 2), message(13, 3), message(14, 4)], { last_read_seq: 0, unread: 4 });
  await started();
  assert.equal(model.timeline(1).firstUnread, 1);
  const told = () => server.did("POST").filter(({ what }) => what.endsWith("/read")).map(({ body }) => body.seq);
  for (const seq of [1, 2, 3, 2]) model.seen(1, seq);
  await settled();
  assert.deepEqual(told(), [1]);
  await clock.pass(500);
  assert.deepEqual(told(), [1, 3]);
  await model.markUnread(message(12, 2));
  model.seen(1, 4);
  await clock.pass(1000);
  assert.deepEqual(told(), [1, 3]);
  model.left(1);
  model.seen(1, 4);
  await settled();
  assert.deepEqual(told(), [1, 3, 4]);
});

test("a file goes up in parts, after a cut from where it was, and says how far it is", async () => {
  await started();
  const bytes = new Uint8Array(1_200_000);
  server.answers.set("POST /workspaces/1/uploads", () => new Response(null, { status: 201, headers: { Location: "/api/uploads/u" } }));
  server.answers.set("GET /uploads/u", () => ({ received: 600_000 }));
  let cut = true;
  let received = 0;
  server.answers.set("PATCH /uploads/u", (part) => {
    const at = Number(server.asked.at(-1).headers["upload-offset"]);
    if (at && cut) {
      cut = false;
      throw new TypeError("cut");
    }
    received = at + part.size;
    return new Response(null, { status: 204, headers: { "Upload-Offset": `${received}`, ...(received === bytes.length && { "File-Id": "7" }) } });
  });
  const upload = model.upload(new File([bytes], "猫.png"), { chatId: 1 });
  const progress = [];
  upload.progress.subscribe((value) => progress.push(value));
  for (let turn = 0; turn < 20; turn++) await settled();
  await clock.pass(500);
  assert.equal(await upload.id, 7);
  assert.deepEqual(server.did("PATCH").map(({ headers }) => Number(headers["upload-offset"])), [0, 524288, 600000, 1124288]);
  assert.deepEqual([progress[0], progress.at(-1), upload.state.value], [0, 1, "done"]);
  assert.equal(atob(server.did("POST").at(-1).headers["upload-metadata"].split(" ")[1]), "\xe7\x8c\xab.png");

  server.answers.set("POST /workspaces/1/uploads", () => server.refuses(413, { code: "file_too_large", detail: "Too large." }));
  const refused = model.upload(new File(["x"], "x"), { chatId: 1 });
  await assert.rejects(refused.id);
  assert.deepEqual([refused.state.value, refused.problem.value.code], ["failed", "file_too_large"]);
  server.answers.set("POST /workspaces/1/uploads", () => new Promise(() => {}));
  const cancelled = model.upload(new File(["x"], "x"), { chatId: 1 });
  cancelled.cancel();
  assert.equal(cancelled.state.value, "cancelled");
});

/** The disk's own turns of the event loop have passed. */
async function rested() {
  for (let turn = 0; turn < 30; turn++) await settled();
}

test("what it has seen is there again without a network, with what was not posted, and goes on from its cursor", async () => {
  const factory = new IDBFactory();
  const first = opened(factory);
  server.snapshot.chats[0] = chat(1, [message(100, 80)]);
  server.answers.set("GET /chats/1/messages", (_body, path) => {
    const before = Number(new URLSearchParams(path.split("?")[1]).get("before_id") ?? 101);
    return Array.from({ length: 50 }, (_, at) => message(before - 1 - at, before - 21 - at)).filter(({ seq }) => seq > 0);
  });
  first.start();
  await rested();
  server.opens();
  await settled();
  server.says("ready", { cursor: "1.1" }, "1.1");
  assert.ok(server.asked.some(({ what }) => what === "GET /sync?shape=lean"));
  const timeline = first.timeline(1);
  await rested();
  assert.deepEqual([timeline.rows.value[0].seq, timeline.rows.value.length], [31, 50]);
  await timeline.older();
  assert.equal(timeline.atStart.value, true);
  server.says("NewMessage", message(101, 81), "1.5");
  server.says("MessageUpdated", message(30, 10, { content: "edited" }), "1.6");
  server.answers.set("POST /chats/1/messages", () => { throw new TypeError("no network"); });
  first.send(1, { content: "later" });
  await clock.pass(1000);
  await rested();

  const asked = server.asked.length;
  const fetch = server.fetch;
  server.fetch = () => Promise.reject(new TypeError("no network"));
  const second = opened(factory);
  second.start();
  await rested();
  assert.equal(second.state.value, "connecting");
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=1.6&home=1");
  const again = second.timeline(1);
  await rested();
  assert.deepEqual([again.rows.value[0].seq, again.rows.value.at(-2).seq, again.rows.value.at(-1).content], [32, 81, "later"]);
  await again.older();
  assert.equal(again.rows.value.find(({ id }) => id === 30).content, "edited");
  assert.deepEqual([again.rows.value[0].seq, again.atStart.value, server.asked.length], [1, true, asked]);
  server.fetch = fetch;

  // Of a chat that one has left nothing is read again, and after signing out nothing at all.
  server.opens();
  await settled();
  server.says("UserLeftChat", { chat_id: 1, user_id: 1, member_count: 1 }, "1.7");
  await rested();
  assert.deepEqual((await factory.databases()).map(({ name }) => name), ["fechatter.chat.1"]);
  const third = opened(factory);
  third.start();
  await rested();
  assert.equal(third.chat(1).value, undefined);
  await third.signOut().catch(() => {});
  assert.deepEqual(await factory.databases(), []);
});

test("without a network it shows what the disk has of a history, however little, and asks for the rest later", async () => {
  const factory = new IDBFactory();
  const first = opened(factory);
  server.snapshot.chats[0] = chat(1, [message(100, 80)]);
  server.answers.set("GET /chats/1/messages", () => Array.from({ length: 51 }, (_, at) => message(65 + at, 45 + at)).filter(({ seq }) => seq <= 80));
  first.start();
  await rested();
  await first.timeline(1).around(90); // as a link to a message does: what follows it are fewer than a page
  await clock.pass(1000);
  await rested();

  const fetch = server.fetch;
  let isOffline = true;
  server.fetch = (...what) => (isOffline ? Promise.reject(new TypeError("no network")) : fetch(...what));
  const second = opened(factory);
  second.start();
  await rested();
  const again = second.timeline(1);
  await rested();
  assert.deepEqual([again.rows.value[0].seq, again.rows.value.length, again.atStart.value], [45, 36, false]);
  await assert.rejects(again.older());
  assert.equal(again.rows.value.length, 36);
  isOffline = false;
  server.answers.set("GET /chats/1/messages", (_body, path) => {
    assert.match(path, /before_id=65/);
    return Array.from({ length: 44 }, (_, at) => message(64 - at, 44 - at));
  });
  await again.older();
  assert.deepEqual([again.rows.value[0].seq, again.rows.value.length, again.atStart.value], [1, 80, true]);
});

test("a copy of more than a day ago, or of somebody else, is not carried on", async () => {
  const factory = new IDBFactory();
  const fourth = opened(factory);
  fourth.start();
  await rested();
  server.asked = [];
  const fifth = opened(factory, { ...surroundings(), now: () => Date.now() + 25 * 3600_000 });
  fifth.start();
  await rested();
  assert.ok(server.asked.some(({ what }) => what === "GET /sync?shape=lean"));
  new Model({ me: { id: 2 }, sockets: "ws://chat.example", token: server.token, fetch: server.fetch, WebSocket: server.WebSocket, indexedDB: factory, browser: {} });
  await rested();
  assert.ok((await factory.databases()).every(({ name }) => name !== "fechatter.chat.1"));
});

test("members are fetched once, and kept by events", async () => {
  await started();
  const member = (id, more = {}) => ({ chat_id: 1, user_id: id, fullname: `user ${id}`, role: "member", last_read_seq: 0, ...more });
  server.answers.set("GET /chats/1/members", () => [member(1), member(2)]);
  const members = model.members(1);
  assert.equal(members.value, null);
  await settled();
  await settled();
  server.says("UserJoinedChat", { ...member(3), member_count: 3 }, "1.2");
  server.says("ReadMarkerMoved", { chat_id: 1, user_id: 2, last_read_seq: 2, unread_mentions: [] }, "1.3");
  server.says("UserUpdated", { id: 2, fullname: "Grace" }, "1.4");
  server.says("UserLeftChat", { chat_id: 1, user_id: 3, member_count: 2 }, "1.5");
  assert.deepEqual(model.members(1).value.map(({ user_id, last_read_seq, fullname }) => [user_id, last_read_seq, fullname]), [[1, 0, "user 1"], [2, 2, "Grace"]]);
  assert.equal(server.did("GET").filter(({ what }) => what.includes("members")).length, 1);
});
