import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { events } from "../src/events.js";
import { SignedOut } from "../src/request.js";
import { framesOf } from "../src/sse.js";
import { Stream } from "../src/stream.js";
import { Place, settled } from "./place.js";

/** Sockets that the test speaks through, and what was heard of them. */
class Wire {
  sockets = [];
  place = new Place();

  get WebSocket() {
    const { sockets } = this;
    return class extends EventTarget {
      sent = [];
      constructor(url) {
        super();
        this.url = url;
        sockets.push(this);
      }
      send(text) {
        this.sent.push(JSON.parse(text));
      }
      close() {
        this.closed = true;
      }
    };
  }

  get newest() {
    return this.sockets.at(-1);
  }

  async opens(cursor) {
    await settled();
    this.newest.dispatchEvent(new Event("open"));
    await settled();
    this.says("ready", { cursor }, cursor);
  }

  says(type, payload, cursor) {
    this.newest.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify({ type, payload, cursor }) }));
  }

  loses(code = 1006) {
    this.newest.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const from = (wire, more = {}) => ({ sockets: "ws://notify.example", token: async () => "t", WebSocket: wire.WebSocket, place: wire.place, ...more });

test("the token is in a frame, is renewed while the stream is open, and is another one after it was refused", async () => {
  const wire = new Wire();
  const refused = [];
  const stream = new Stream(from(wire, { token: async (one) => (refused.push(one), `t${refused.length}`), heard: () => {} }));
  stream.open();
  await wire.opens("1.1");
  await wire.place.pass(60_000);
  assert.deepEqual(wire.newest.sent.map(({ type, payload }) => [type, payload.token]), [["auth", "t2"], ["auth", "t3"]]);
  wire.loses(4005);
  await wire.place.pass(1000);
  assert.deepEqual(refused, [undefined, undefined, undefined, "t3"]);
  assert.equal(wire.newest.url, "ws://notify.example/api/ws?last_event_id=1.1");
  stream.close();
  assert.deepEqual([wire.place.next, wire.place.heard.size], [null, 0]);
});

test("answers to frames are no events, and what is not stored moves no cursor", async () => {
  const wire = new Wire();
  const heard = [];
  const stream = new Stream(from(wire, { heard: ({ kind, cursor }) => heard.push([kind, cursor]) }));
  stream.open();
  await wire.opens("1.1");
  for (const type of ["pong", "typing.told", "error"]) wire.says(type, {});
  wire.says("Typing", { chat_id: 1, user_ids: [2] });
  wire.says("NewMessage", { id: 1 }, "1.2");
  assert.deepEqual(heard, [["ready", "1.1"], ["Typing", null], ["NewMessage", "1.2"]]);
  assert.equal(stream.cursor, "1.2");
  stream.close();
});

test("where no WebSocket gets through it listens to server-sent events, and goes on from the same cursor", async () => {
  const wire = new Wire();
  const asked = [];
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization, request.headers["last-event-id"]]);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('retry: 1000\nid: 1.5\nevent: ready\ndata: {"cursor":"1.5"}\n\n:\n\nevent: Typing\ndata: {"chat_id":1}\n\nid: 1.6\nevent: NewMess');
    setImmediate(() => response.end('age\ndata: {"content":\ndata: "两行"}\n\n'));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const heard = [];
  let end;
  const over = new Promise((resolve) => (end = resolve));
  const stream = new Stream({
    ...from(wire), sockets: `ws://127.0.0.1:${server.address().port}`, cursor: "1.4",
    heard: ({ kind, data, cursor }) => heard.push([kind, data.content, cursor]),
    changed: (state) => heard.length > 1 && state === "waiting" && end(),
  });
  stream.open();
  for (let lost = 0; lost < 2; lost++) {
    await settled();
    wire.loses();
    await wire.place.pass(wire.place.next);
  }
  await over;
  assert.equal(wire.sockets.length, 2);
  assert.deepEqual(asked, [["/api/notifications/events", "Bearer t", "1.4"]]);
  assert.deepEqual(heard, [["ready", undefined, "1.5"], ["Typing", undefined, null], ["NewMessage", "两行", "1.6"]]);
  stream.close();
  server.close();
});

test("frames of an event stream are whole, however they are cut", async () => {
  const bytes = new TextEncoder().encode("id: 1\r\nevent: a\r\ndata: 猫\r\n\r\n:comment\n\ndata:b\ndata\n\n");
  for (let size = 1; size < 6; size++) {
    const parts = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(bytes.slice(at, at + size));
    const frames = [];
    for await (const frame of framesOf(ReadableStream.from(parts))) frames.push(frame);
    assert.deepEqual(frames, [{ id: "1", event: "a", data: "猫" }, { data: "b\n" }]);
  }
});

test("an iteration begins with a snapshot, has each event once, and a snapshot after a reset", async () => {
  const wire = new Wire();
  let snapshots = 0;
  const client = { sync: async () => ({ cursor: `${++snapshots}.1`, workspaces: [{ id: 9 }, { id: 7 }] }) };
  const stop = new AbortController();
  const all = events(from(wire, { client, signal: stop.signal }));
  const next = async () => (await all.next()).value;
  assert.deepEqual(await next(), { kind: "Snapshot", data: { cursor: "1.1", workspaces: [{ id: 9 }, { id: 7 }] }, cursor: "1.1", reason: null });
  let coming = next();
  await wire.opens("1.1");
  assert.equal(wire.newest.url, "ws://notify.example/api/ws?last_event_id=1.1&home=7");
  wire.says("Typing", {});
  wire.says("NewMessage", { id: 1 }, "1.2");
  wire.says("NewMessage", { id: 2 }, "1.3");
  assert.equal((await coming).data.id, 1);
  wire.loses();
  await wire.place.pass(wire.place.next);
  assert.equal(wire.newest.url, "ws://notify.example/api/ws?last_event_id=1.3&home=7");
  assert.equal((await next()).data.id, 2); // it was heard before, and is not asked for again
  coming = next();
  await wire.opens("1.3");
  wire.says("reset", { cursor: "2.0", reason: "lost" }, "2.0");
  wire.says("NewMessage", { id: 9 }, "2.1"); // which the snapshot has
  const { cursor, reason } = await coming;
  assert.deepEqual([cursor, reason], ["2.1", "lost"]);
  coming = next();
  await wire.opens("2.1");
  assert.equal(wire.newest.url, "ws://notify.example/api/ws?last_event_id=2.1&home=7");
  stop.abort();
  assert.equal(await coming, undefined);
  assert.deepEqual([wire.newest.closed, wire.place.heard.size], [true, 0]);
});

test("an iteration ends with the session, and with whoever breaks off", async () => {
  const wire = new Wire();
  const client = { sync: async () => ({ cursor: "1.1", workspaces: [] }) };
  const gone = events(from(wire, { client, cursor: "1.1", token: async () => Promise.reject(new SignedOut()) }));
  await assert.rejects(gone.next(), SignedOut);
  const broken = events(from(wire, { client }));
  assert.equal((await broken.next()).value.kind, "Snapshot");
  await broken.return();
  assert.equal(wire.place.heard.size, 0);
});
