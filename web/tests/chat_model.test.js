import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Problem, Unreachable } from "../client/request.js";
import { Clock, Page, settled } from "./browser.js";
import { chat, ChatServer, me, message } from "./chat_server.js";

new Page();
const { Model } = await import("../chat/model/model.js");

let clock, server, model;

beforeEach(async () => {
  clock = new Clock();
  server = new ChatServer();
  model = new Model({ me, sockets: "ws://chat.example", session: server.session, WebSocket: server.WebSocket });
});
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
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=1.1");
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
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=1.9");
  server.opens();
  server.snapshot = { ...server.snapshot, cursor: "2.1", chats: [chat(1, [message(12, 2), message(14, 4)])] };
  server.says("reset", { cursor: "2.0", reason: "epoch_changed" }, "2.0");
  await settled();
  await settled();
  assert.equal(server.socket.url, "ws://chat.example/api/ws?last_event_id=2.1");
  assert.deepEqual(contents(timeline), ["message 2", "message 4"]);
});

test("an own message is shown at once, and once, though its event is here before its answer", async () => {
  await started();
  const timeline = model.timeline(1);
  let answer;
  server.answers.set("POST /chats/1/messages", () => new Promise((resolve) => (answer = resolve)));
  const key = model.send(1, { content: "hello" });
  assert.deepEqual(contents(timeline), ["message 1", "message 2", "hello (waiting)"]);
  await settled();
  assert.deepEqual(contents(timeline), ["message 1", "message 2", "hello (sending)"]);
  const posted = server.asked.find(({ what }) => what.startsWith("POST"));
  assert.deepEqual([posted.body, posted.headers], [{ content: "hello" }, { "Idempotency-Key": key }]);
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
  server.answers.set("POST /chats/1/messages", () => Promise.reject(new Unreachable()));
  const first = model.send(1, { content: "one" });
  const second = model.send(1, { content: "two" });
  await settled();
  assert.deepEqual(contents(timeline).slice(2), ["one (waiting)", "two (waiting)"]);
  server.answers.set("POST /chats/1/messages", ({ content }) =>
    content === "one" ? Promise.reject(new Problem(403, { code: "member_is_silenced", detail: "No." })) : message(13, 3, { sender_id: 1, content }),
  );
  await clock.pass(clock.next);
  await settled();
  assert.deepEqual(contents(timeline).slice(2), ["two", "one (refused)"]);
  assert.equal(model.outbox.value[0].problem.code, "member_is_silenced");
  const keys = server.asked.filter(({ what }) => what.startsWith("POST")).map(({ headers }) => headers["Idempotency-Key"]);
  assert.deepEqual(keys, [first, first, second]);
  model.discard(first);
  assert.deepEqual(contents(timeline).slice(2), ["two"]);
});

test("what happens while older messages are fetched happens to them as well", async () => {
  server.snapshot.chats[0].messages = [message(15, 5), message(16, 6)];
  await started();
  const timeline = model.timeline(1);
  assert.equal(timeline.atStart.value, false);
  let answer;
  server.answers.set("GET /chats/1/messages", () => new Promise((resolve) => (answer = resolve)));
  const loading = timeline.older();
  assert.equal(timeline.loading.value, "older");
  assert.ok(server.asked.at(-1).what.includes("before_id=15"));
  server.says("MessageUpdated", message(13, 3, { content: "edited" }), "1.2");
  answer([message(14, 4), message(13, 3)]);
  await loading;
  assert.deepEqual(contents(timeline), ["edited", "message 4", "message 5", "message 6"]);
  assert.deepEqual([timeline.atStart.value, timeline.loading.value], [true, null]);
});
