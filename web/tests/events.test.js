import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Clock, Page, settled } from "./browser.js";

new Page();
const user = { id: 1, fullname: "Ada" };
localStorage.setItem("fechatter.session", JSON.stringify({ token: "a.b.c", refreshToken: "r", user, staleAt: Date.now() + 900_000 }));
const session = await import("../lib/session.js");
const { follow } = await import("../lib/events.js");

let clock, made, heard, missed, socket;

class FakeSocket extends EventTarget {
  sent = [];

  constructor(url) {
    super();
    this.url = url;
    made.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}

  says(type, payload = {}, cursor = undefined) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify({ type, payload, cursor }) }));
  }
}

beforeEach(async () => {
  clock = new Clock();
  globalThis.WebSocket = FakeSocket;
  [made, heard, missed] = [[], [], 0];
  socket = follow("ws://chat.example", { heard: (type, payload) => heard.push([type, payload]), missed: () => missed++ });
  await settled();
  made[0].dispatchEvent(new Event("open"));
  await settled();
});

afterEach(() => {
  socket.close();
  clock.stop();
});

test("it says who it is in a frame, and not in the address, and passes on what it hears", async () => {
  const [first] = made;
  assert.equal(first.url, "ws://chat.example/api/ws");
  assert.deepEqual(first.sent, [{ type: "auth", payload: { token: await session.freshToken() } }]);
  first.says("ready", { cursor: "1.2" });
  first.says("BoardUpdated", { id: 7 });
  assert.deepEqual([heard, missed], [[["BoardUpdated", { id: 7 }]], 0]);
});

test("after a loss it goes on where it was, and says when the server has not kept that long", async () => {
  made[0].says("ready", {}, "1.2");
  made[0].says("BoardUpdated", { id: 7 }, "1.3");
  made[0].says("retry", { milliseconds: 4000 });
  made[0].dispatchEvent(Object.assign(new Event("close"), { code: 1012 }));
  await clock.pass(3999);
  assert.equal(made.length, 1); // as the server has asked
  await clock.pass(1);
  assert.deepEqual(made.map(({ url }) => url), ["ws://chat.example/api/ws", "ws://chat.example/api/ws?last_event_id=1.3"]);
  made[1].dispatchEvent(new Event("open"));
  made[1].says("ready", {}, "1.3");
  assert.equal(missed, 0);
  made[1].says("reset", { reason: "retention" }, "1.9");
  assert.equal(missed, 1);
});
