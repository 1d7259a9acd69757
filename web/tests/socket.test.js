import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Clock, Page, settled } from "./browser.js";

new Page(); // which modules want as they are loaded
const { SignedOut } = await import("../client/request.js");
const { ReconnectingSocket } = await import("../client/socket.js");

let page, clock, made;

beforeEach(() => {
  page = new Page();
  clock = new Clock();
  made = [];
});

class FakeSocket extends EventTarget {
  closed = false;
  sent = [];

  close() {
    this.closed = true;
  }

  send(data) {
    this.sent.push(data);
  }

  happens(type, more) {
    this.dispatchEvent(Object.assign(new Event(type), more));
  }
}

const newest = () => made.at(-1);

/** One that is open, unless `options` say that it cannot be. */
async function connected(options = {}) {
  const socket = new ReconnectingSocket({ make: () => made[made.push(new FakeSocket()) - 1], ...options });
  socket.open();
  await settled();
  newest()?.happens("open");
  return socket;
}

test("what the server sends is passed on, and what is sent reaches it", async () => {
  const socket = await connected();
  const heard = [];
  socket.addEventListener("message", ({ data }) => heard.push(data));
  newest().happens("message", { data: "hello" });
  socket.send("good day");
  assert.deepEqual([heard, newest().sent], [["hello"], ["good day"]]);
});

test("after losses it waits twice as long each time, by chance, and no longer than is said", async () => {
  const socket = await connected({ longest: 3000 });
  const waits = [];
  for (let lost = 0; lost < 200; lost++) {
    newest().happens("close", { code: 1006 });
    assert.equal(socket.state, "waiting");
    waits.push(clock.next);
    const before = made.length;
    await clock.pass(clock.next - 1);
    assert.equal(made.length, before);
    await clock.pass(1);
    assert.equal(made.length, before + 1);
    newest().happens("open");
  }
  for (const [lost, wait] of waits.entries()) {
    const most = Math.min(200 * 2 ** lost, 3000);
    assert.ok(wait >= most / 2 && wait <= most, `the wait ${lost} of ${wait} ms`);
  }
  const late = waits.slice(10);
  assert.ok(Math.max(...late) - Math.min(...late) > 1000); // or all of a server's clients would come at once
});

test("it begins anew once the server has taken it, and not when it has merely opened", async () => {
  const socket = await connected();
  for (let lost = 0; lost < 6; lost++) {
    newest().happens("close", { code: 4411 });
    await clock.pass(clock.next);
    newest().happens("open");
  }
  assert.equal(socket.failures, 6);
  socket.settle();
  newest().happens("close", { code: 1006 });
  assert.ok(clock.next <= 200);
});

test("without a network it does not try, and with one it does at once", async () => {
  const socket = await connected();
  page.network(false);
  assert.equal(socket.state, "offline");
  assert.equal(newest().closed, true);
  await clock.pass(60_000);
  assert.equal(made.length, 1);
  page.network(true);
  await settled();
  assert.equal(made.length, 2);
});

test("opened without a network it waits for one", async () => {
  page.navigator.onLine = false;
  const socket = await connected();
  assert.deepEqual([socket.state, made.length], ["offline", 0]);
  page.network(true);
  await settled();
  assert.equal(made.length, 1);
});

test("a page that comes back into sight does not wait any longer", async () => {
  const socket = await connected();
  socket.failures = 20;
  newest().happens("close", { code: 1006 });
  page.shows(false);
  await settled();
  assert.equal(made.length, 1);
  page.shows(true);
  await settled();
  assert.equal(made.length, 2);
  assert.equal(clock.next, null); // what it waited for is called off
});

test("a page in the back/forward cache holds no connection", async () => {
  const socket = await connected();
  page.happens("pagehide");
  assert.equal(newest().closed, true);
  assert.equal(clock.next, null);
  page.happens("pageshow", { persisted: true });
  await settled();
  assert.equal(made.length, 2);
  newest().happens("open");
  assert.equal(socket.state, "open");
});

test("a connection that died in its sleep is noticed when the page is looked at, and a living one is left alone", async () => {
  let probes = 0;
  const socket = await connected({ probe: () => probes++ });
  page.shows(true);
  newest().happens("message", { data: "answer" });
  await clock.pass(60_000);
  assert.deepEqual([probes, socket.state, made.length], [1, "open", 1]);
  page.shows(true);
  await clock.pass(5000);
  assert.equal(made[0].closed, true);
  await clock.pass(200);
  assert.equal(made.length, 2);
});

test("closed it stays closed, whatever happens", async () => {
  const socket = await connected();
  newest().happens("close", { code: 1006 });
  socket.close();
  page.network(false);
  page.network(true);
  page.shows(true);
  page.happens("pagehide");
  page.happens("pageshow", { persisted: true });
  socket.lose();
  await clock.pass(60_000);
  assert.deepEqual([socket.state, made.length], ["closed", 1]);
});

test("closed while it prepares, it makes no connection", async () => {
  let prepared;
  const socket = await connected({ prepare: () => new Promise((resolve) => (prepared = resolve)) });
  socket.close();
  prepared();
  await settled();
  assert.equal(made.length, 0);
});

test("what it cannot prepare it tries again, but not for somebody who is signed out", async () => {
  let problem = new Error("The server cannot be reached just now.");
  let asked = 0;
  const socket = await connected({
    prepare: async () => {
      asked++;
      throw problem;
    },
  });
  assert.equal(socket.state, "waiting");
  problem = new SignedOut();
  await clock.pass(clock.next);
  assert.deepEqual([asked, socket.state, clock.next], [2, "closed", null]);
});

test("what an old connection says is not heard", async () => {
  const socket = await connected();
  const [old] = made;
  old.happens("close", { code: 1006 });
  await clock.pass(clock.next);
  newest().happens("open");
  old.happens("message", { data: "late" });
  old.happens("close", { code: 1006 });
  assert.deepEqual([socket.state, socket.failures], ["open", 1]);
});

test("it waits as long as the server asks for, and longest where it is not allowed", async () => {
  const socket = await connected();
  socket.postpone(7000);
  newest().happens("close", { code: 1012 });
  assert.equal(clock.next, 7000);
  await clock.pass(7000);
  socket.settle();
  newest().happens("close", { code: 4417 });
  assert.ok(clock.next >= 7500);
});
