import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../chat/model/drafts.js";
import { signal } from "../vendor/preact.js";

/** A browser's drafts, in a chat whose draft the server has, with a clock that moves when the test says so. */
class Device {
  there = signal(/** @type {any} */ (null));
  inThread = signal(/** @type {any} */ (null));
  asked = [];
  /** Which draft each one was to take the place of. */
  replaced = [];
  paths = [];
  timers = new Set();
  items = new Map();
  /** Another tab hears of what is stored. */
  stored = () => {};
  storage = {
    getItem: (key) => this.items.get(key) ?? null,
    setItem: (key, value) => {
      this.items.set(key, value);
      this.stored(key, value);
    },
    removeItem: (key) => {
      this.items.delete(key);
      this.stored(key, null);
    },
  };

  open(threadId) {
    return this.drafts().draft(7, threadId);
  }

  drafts() {
    const call = async (method, path, body) => {
      this.paths.push(path.replace(/\?.*/, ""));
      this.asked.push(body ? `${method} ${body.content}` : method + decodeURIComponent(path.replace(/^[^?]*/, "")));
      if (this.fails) throw new Error("There is no network.");
      const since = new URLSearchParams(path.split("?")[1]).get("updated_at");
      if (body) this.replaced.push(since);
      if (this.refuses && since) throw Object.assign(new Error("It is another one."), { code: "draft_changed" });
      return body && { content: body.content, updated_at: `put ${body.content}` };
    };
    const after = (_ms, act) => {
      this.timers.add(act);
      return () => this.timers.delete(act);
    };
    return new Drafts({ there: (_chatId, threadId) => (threadId === undefined ? this.there : this.inThread).value, call, place: { after }, storage: this.storage, me: 1 });
  }

  /** The pause is over. */
  async pause() {
    const due = [...this.timers];
    this.timers.clear();
    for (const act of due) await act();
  }

  /** An event tells of the server's draft. */
  hears(content, of = this.there) {
    of.value = content && { content, updated_at: `heard ${content}` };
  }
}

test("a draft is kept here at once and on the server after a pause, and its echo is no news", async () => {
  const device = new Device();
  const draft = device.open();
  draft.set("h");
  draft.set("hello");
  assert.deepEqual(device.asked, []);
  assert.equal(device.open().text.value, "hello", "a page that is loaded again");
  await device.pause();
  assert.deepEqual(device.asked, ["PUT hello"]);
  draft.set("hello you");
  device.hears("hello");
  assert.equal(draft.remote.value, null);
  assert.equal(device.open().remote.value, null, "nor for a page that is loaded again");
  draft.set("");
  await new Promise(setImmediate);
  assert.equal(device.asked.at(-1), "DELETE?updated_at=put hello", "what was sent is no draft any more, at once");
  assert.equal(device.items.size, 0);
});

test("another tab of the browser is no other device: its text is here as well, and its echo no news", async () => {
  const device = new Device();
  const all = [device.drafts(), device.drafts()];
  const [first, second] = all.map((drafts) => drafts.draft(7));
  // As the browser tells the other tabs.
  device.stored = (key, value) => all[1].changed(key, value);
  first.set("hello");
  assert.deepEqual([second.text.value, second.followed.value], ["hello", { text: "hello" }]);
  await device.pause();
  device.hears("hello");
  first.set("hello you");
  assert.deepEqual([second.text.value, second.remote.value], ["hello you", null]);
  device.stored = (key, value) => all[0].changed(key, value);
  second.set("");
  assert.deepEqual([first.text.value, first.followed.value], ["", { text: "" }]);
});

test("only the draft that was last seen here is replaced; one that is gone is none", async () => {
  const device = new Device();
  const draft = device.open();
  for (const text of ["a", "ab"]) {
    draft.set(text);
    await device.pause();
  }
  assert.deepEqual(device.replaced, [null, "put a"]);
  device.hears("theirs");
  draft.leave();
  await device.pause();
  assert.equal(device.replaced.at(-1), "heard theirs", "the user has seen it, and keeps their own");
  device.refuses = true; // of another device's, of which no event has told
  draft.set("abc");
  await device.pause();
  assert.deepEqual(device.replaced.slice(3), ["put ab"]);
  device.hears(null);
  draft.set("abcd");
  await device.pause();
  assert.deepEqual([device.replaced.slice(4), device.asked.at(-1)], [[null], "PUT abcd"]);
});

test("what another device writes is offered, and neither is lost until one of them is chosen", async () => {
  const device = new Device();
  const draft = device.open();
  draft.set("mine");
  await device.pause();
  device.hears("mine");
  assert.equal(draft.remote.value, null);
  device.hears("theirs");
  assert.deepEqual(draft.remote.value, { text: "theirs" });
  assert.equal(draft.text.value, "mine");
  assert.equal(draft.isSaved(), true, "the server has had it: it may be replaced where nobody writes");
  draft.set("mine too");
  assert.equal(draft.isSaved(), false);
  await device.pause();
  draft.set("");
  assert.deepEqual(device.asked, ["PUT mine"], "theirs stays on the server");
  draft.set("mine three");
  draft.leave();
  assert.equal(draft.remote.value, null);
  await device.pause();
  assert.deepEqual(device.asked, ["PUT mine", "PUT mine three"]);
  device.hears("mine three");
  device.hears("mine");
  assert.deepEqual(draft.remote.value, { text: "mine" }, "what was written here before is news if it comes from elsewhere");
  draft.set("mine");
  assert.equal(draft.remote.value, null);
  await device.pause();
  assert.equal(device.asked.length, 2, "what is taken is there already");
  draft.set("");
  await new Promise(setImmediate);
  assert.equal(device.asked.at(-1), "DELETE?updated_at=heard mine", "what was taken is what was sent");
});

test("a draft that was sent elsewhere does not come back", async () => {
  const device = new Device();
  device.hears("hello");
  const draft = device.open();
  assert.equal(draft.text.value, "hello");
  assert.equal(draft.remote.value, null);
  device.hears(null); // as the event says that the page's copy was older than
  assert.deepEqual([draft.text.value, draft.followed.value, draft.remote.value], ["", { text: "" }, null]);
  device.hears("hello again");
  const other = device.open();
  other.set("hello again, and more");
  await device.pause();
  device.hears("hello again, and more");
  device.hears(null);
  assert.deepEqual([other.text.value, other.remote.value], ["hello again, and more", { text: "" }], "what is written here stays in sight");
});

test("a thread's draft goes from device to device as a chat's, and neither is the other's", async () => {
  const device = new Device();
  device.hears("of the chat");
  const reply = device.open(9);
  assert.equal(reply.text.value, "");
  reply.set("reply");
  await device.pause();
  assert.deepEqual([device.asked, device.paths], [["PUT reply"], ["/chats/7/messages/9/thread/draft"]]);
  device.hears("reply", device.inThread);
  device.hears("of the chat, still");
  assert.equal(reply.remote.value, null);
  device.hears("theirs", device.inThread);
  assert.deepEqual(reply.remote.value, { text: "theirs" });
  assert.equal(device.open().text.value, "of the chat, still");
  reply.set("theirs");
  reply.set(""); // it has been posted
  await new Promise(setImmediate);
  assert.equal(device.asked.at(-1), "DELETE?updated_at=heard theirs");
  device.hears(null, device.inThread);
  assert.equal(device.open(9).text.value, "");
  device.hears("on another device", device.inThread);
  assert.equal(device.open(9).text.value, "on another device");
});

test("a refusal loses nothing", async () => {
  const device = new Device();
  device.fails = true;
  const draft = device.open();
  draft.set("again");
  await device.pause();
  device.fails = false;
  draft.set("again!");
  await device.pause();
  assert.deepEqual(device.asked, ["PUT again", "PUT again!"]);
});
