import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { Replica } from "../client/replica.js";
import { Page } from "./browser.js";
import { TestBrowser } from "./browser_tabs.js";
import { chance } from "./chance.js";
import { chat, message } from "./chat_server.js";

new Page();
Object.assign(globalThis, { IDBKeyRange });
const { Model } = await import("../chat/model/model.js");
const { Tabs } = await import("../chat/model/tabs.js");

/** What a server said to somebody (client-js/tests/replica.test.js). */
const recorded = JSON.parse(gunzipSync(readFileSync(new URL("../../client-js/tests/recorded.json.gz", import.meta.url))));
const settled = () => new Promise((resolve) => setImmediate(resolve));
const OWN = 999_999; // a chat that is in no recording, for what is sent
const MESSAGES = 60;

/** A server that says what was recorded, and takes messages into one chat; each socket gets its frames when a test says so. */
class World {
  browser = new TestBrowser();
  factory = new IDBFactory();
  sockets = new Set();
  epoch = 1;
  /** Of the epochs that led to this one, the last positions. @type {Map<number, number>} */
  lasts = new Map();
  floor = 0;
  log = [];
  posted = new Map();
  opened = 0;
  asked = 0;
  synced = 0;

  constructor({ lean, rounds }) {
    this.base = { ...lean, chats: [...lean.chats, chat(OWN, Array.from({ length: MESSAGES }, (_, at) => ({ ...message(at + 1, at + 1), chat_id: OWN })).slice(-1))] };
    this.coming = rounds.flatMap(({ events }) => events);
    this.history = Array.from({ length: MESSAGES }, (_, at) => ({ ...message(at + 1, at + 1), chat_id: OWN }));
    this.me = lean.user;
  }

  get cursor() {
    return `${this.epoch}.${this.log.length}`;
  }

  /** All that has happened, applied to what there was. */
  copy() {
    const copy = new Replica(structuredClone(this.base));
    for (const event of this.log) copy.apply(structuredClone(event));
    return copy;
  }

  happens(event = this.coming.shift()) {
    if (!event) return;
    this.log.push(event);
    for (const socket of this.sockets) socket.frames.push([event, this.cursor]);
  }

  /** An old message is edited, which is on the disk of whoever has read it. */
  edits(at, content) {
    this.history[at] = { ...this.history[at], content };
    this.happens({ kind: "MessageUpdated", data: this.history[at] });
  }

  /** The database fails over, and loses nothing: the log goes on in another epoch. */
  failsOver() {
    this.lasts.set(this.epoch, this.log.length);
    this.epoch++;
  }

  /** Of an epoch. @param {number} at */
  cursorAt(at) {
    const [epoch] = [...this.lasts].find(([, last]) => at <= last) ?? [this.epoch];
    return `${epoch}.${at}`;
  }

  /** What was logged so far is there no more. */
  restart() {
    this.lasts.clear();
    this.epoch++;
    for (const socket of [...this.sockets]) socket.lose();
  }

  open() {
    const tab = this.browser.tab();
    tab.model = new Model({
      me: this.me, sockets: "ws://chat.example", token: async () => "token", place: tab.place, browser: this.isPlain ? {} : tab.globals,
      fetch: (...given) => this.#fetch(tab, ...given), WebSocket: this.#socketOf(tab), indexedDB: this.factory,
    });
    tab.model.start();
    return tab;
  }

  /** @param {import("./browser_tabs.js").Tab} tab */
  kill(tab) {
    for (const socket of [...this.sockets]) if (socket.tab === tab) this.sockets.delete(socket);
    tab.die();
  }

  #socketOf(tab) {
    const world = this;
    return class extends EventTarget {
      frames = [];

      constructor(url) {
        super();
        const [epoch, at] = new URL(url).searchParams.get("last_event_id").split(".").map(Number);
        Object.assign(this, { tab, at });
        world.sockets.add(this);
        world.opened++;
        this.frames.push(["open"]);
        if (!(epoch === world.epoch || at <= world.lasts.get(epoch)) || at < world.floor) this.frames.push([{ kind: "reset", data: { cursor: world.cursor, reason: "epoch_changed" } }, world.cursor]);
        else world.log.slice(at).forEach((event, n) => this.frames.push([event, world.cursorAt(at + n + 1)]));
        this.frames.push([{ kind: "ready", data: { cursor: world.cursor } }, world.cursor]);
      }

      /** The next frame arrives. */
      hear() {
        if (tab.isFrozen || !world.sockets.has(this) || !this.frames.length) return;
        const [event, cursor] = this.frames.shift();
        if (event === "open") this.dispatchEvent(new Event("open"));
        else this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify({ type: event.kind, payload: event.data, cursor }) }));
      }

      lose() {
        world.sockets.delete(this);
        tab.queue.push(() => this.dispatchEvent(Object.assign(new Event("close"), { code: 1006 })));
      }

      send() {}

      close() {
        world.sockets.delete(this);
      }
    };
  }

  async #fetch(tab, url, { method, headers, body }) {
    this.asked++;
    if (url.includes("/api/sync")) this.synced++;
    // It is answered when the tab hears of it.
    await new Promise((resolve) => tab.queue.push(resolve));
    const { pathname, searchParams } = new URL(url, "http://chat.example");
    if (pathname === "/api/sync") return Response.json({ ...this.copy().snapshot(), cursor: this.cursor });
    if (pathname === `/api/chats/${OWN}/messages`) {
      if (method === "POST") return Response.json(this.#post(headers.get("idempotency-key"), JSON.parse(body)), { status: 201 });
      const before = Number(searchParams.get("before_id") ?? Infinity);
      return Response.json(this.history.filter(({ id }) => id < before).slice(-searchParams.get("limit")).reverse());
    }
    return Response.json([]);
  }

  /** Posts it, unless it has its key already. */
  #post(key, { content }) {
    if (!this.posted.has(key)) {
      const at = this.history.length + 1;
      const posted = message(at, at, { chat_id: OWN, content, sender_id: this.me.id });
      this.posted.set(key, posted);
      this.history.push(posted);
      this.happens({ kind: "NewMessage", data: posted });
    }
    return this.posted.get(key);
  }

  /** All that is under way arrives, and all that waits for time to pass happens. */
  async calm() {
    for (const tab of this.browser.tabs) [tab.isFrozen, tab.losing] = [false, 0];
    await this.rests(11);
  }

  /** As long as `rounds` seconds last, all that is under way arrives, but at those who are frozen. */
  async rests(rounds = 2) {
    const awake = () => [...this.browser.tabs].filter(({ isFrozen }) => !isFrozen);
    const sockets = () => [...this.sockets].filter(({ tab }) => !tab.isFrozen);
    for (let round = 0; round < rounds; round++) {
      for (let isBusy = true; isBusy; ) {
        for (const tab of awake()) while (tab.queue.length) tab.hear();
        for (const socket of sockets()) while (socket.frames.length && this.sockets.has(socket)) socket.hear();
        for (let turn = 0; turn < 8; turn++) await settled();
        isBusy = awake().some(({ queue }) => queue.length) || sockets().some(({ frames }) => frames.length);
      }
      for (const { place } of awake()) await place.pass(1100);
    }
  }
}

/** What must be the same, in an order of its own. */
function stateOf(copy) {
  const { chats, ...rest } = copy.snapshot();
  const sorted = (items) => [...items].map((item) => JSON.stringify(item, Object.keys(flat(item)).sort())).sort();
  return { chats: sorted(chats.map((one) => ({ ...one, messages: one.messages.slice(-1) }))), ...Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, Array.isArray(part) ? sorted(part) : part])) };
}

/** All names that occur in it. */
function flat(item, names = {}) {
  if (item && typeof item === "object") for (const [name, value] of Object.entries(item)) flat(value, Array.isArray(item) ? names : Object.assign(names, { [name]: 1 }));
  return names;
}

/** A tab's copy, from its signals. */
function shownBy(model) {
  const parts = { workspaces: model.workspaces.value, invitations: model.invitations.value, reports: model.reports.value, organizations: model.organizations.value, announcements: model.announcements.value };
  for (const part of ["chats", "boards", "pages", "threads"]) parts[part] = [...model[part].value.values()];
  const emoji = [...model.emoji.value.values()].flatMap((named) => [...named.values()]);
  // The pages show no delegations yet, and the recorded people have none.
  return { user: model.me.value, presence_mode: model.presenceMode.value, emoji, delegations: [], thread_drafts: [...model.threadDrafts.value.values()], ...parts };
}

async function endsWell(world, sent) {
  if (world.isPlain) world.open(); // and sends what was left by a tab that died
  await world.calm();
  const fresh = stateOf(world.copy());
  for (const { model } of world.browser.tabs) {
    assert.deepEqual(stateOf({ snapshot: () => shownBy(model) }), fresh);
    assert.equal(model.state.value, "live");
    assert.deepEqual(model.outbox.value, []);
  }
  const posted = world.history.slice(MESSAGES).map(({ content }) => content);
  assert.deepEqual([...posted].sort(), [...sent].sort(), "each is posted once");
  if (!world.isPlain) assert.equal(world.sockets.size, Math.min(world.browser.tabs.size, 1), "one stream");
  // What the next start finds: the copy, and of the history what is as the server has it.
  const next = world.open();
  next.model.timeline(OWN);
  await world.rests(3);
  assert.deepEqual(stateOf({ snapshot: () => shownBy(next.model) }), fresh);
  const timeline = next.model.timeline(OWN);
  for (let n = 0; n < 4; n++) {
    await Promise.all([timeline.older(), world.rests(1)]);
  }
  assert.deepEqual(timeline.rows.value.map(({ content }) => content), world.history.map(({ content }) => content));
}

/** One of everything that may happen, at random. */
async function step(world, random, sent, isQuiet) {
  const pick = (items) => items[Math.floor(random() * items.length)];
  const tabs = [...world.browser.tabs];
  const tab = pick(tabs);
  const roll = random() * (isQuiet ? 60 : 100);
  if (roll < 12) world.happens();
  else if (roll < 30) pick([...world.sockets])?.hear();
  else if (roll < 48) for (let n = 0; n < 1 + random() * 6; n++) tab?.hear();
  else if (roll < 54 && tab && !tab.isFrozen) await tab.place.pass(random() * 3500);
  else if (roll < 57) world.edits(Math.floor(random() * MESSAGES), `edited ${world.log.length}`);
  else if (roll < 60 && tab && !tab.isFrozen && tab.model.chat(OWN).value) {
    const content = `sent ${sent.length}`;
    sent.push(content);
    tab.model.send(OWN, { content });
  } else if (roll < 66 && tab && !tab.isFrozen && tab.model.chat(OWN).value) tab.model.timeline(OWN).older().catch(() => {});
  else if (roll < 72 && tab) tab.isFrozen = !tab.isFrozen;
  else if (roll < 77 && tabs.length < 4) world.open();
  else if (roll < 80) pick([...world.sockets])?.lose();
  else if (roll < 84 && tab && !tab.isFrozen) tab.place.happens("visible");
  else if (roll < 87 && tab && !tab.isFrozen) {
    tab.place.happens("away");
    tab.place.happens("back");
  } else if (roll < 88) world.restart();
  else if (roll < 88.5) world.failsOver();
  else if (roll < 89.5 && tab) tab.losing = 1 + Math.floor(random() * 3);
  else if (roll < 92 && tab && tabs.length > 1) {
    for (let turn = 0; turn < 20; turn++) await settled(); // what was sent is on the disk by then
    world.kill(tab);
  }
  await settled();
}

/** Three tabs, of which the first leads. */
async function three() {
  const world = new World(recorded[0]);
  const tabs = [];
  for (let n = 0; n < 3; n++) {
    tabs.push(world.open());
    await world.rests();
  }
  assert.deepEqual([...world.sockets].map(({ tab }) => tabs.indexOf(tab)), [0]);
  return { world, tabs };
}

const states = (tabs) => tabs.map(({ model }) => model.state.value);
const lastOf = ({ model }) => model.chat(OWN).value.last_seq;

test("all tabs hear what one does, and are in the same state; when it is closed or crashes, the next one goes on at once", async () => {
  const { world, tabs } = await three();
  world.sockets.values().next().value.lose();
  for (let turn = 0; turn < 3; turn++) {
    for (const tab of tabs) while (tab.queue.length) tab.hear();
    await settled();
  }
  assert.deepEqual(states(tabs), ["connecting", "connecting", "connecting"]);
  await world.rests(3);
  tabs[2].model.send(OWN, { content: "Hello" });
  await world.rests();
  assert.deepEqual([...tabs.map(lastOf), ...states(tabs)], [61, 61, 61, "live", "live", "live"]);
  const { opened } = world;
  world.kill(tabs[0]);
  tabs[1].model.send(OWN, { content: "again" });
  await world.rests(1);
  const [socket] = world.sockets;
  assert.deepEqual([tabs.indexOf(socket.tab), socket.at, world.opened], [1, 1, opened + 1], "from where the first one was");
  assert.deepEqual([...tabs.slice(1).map(lastOf), ...states(tabs.slice(1))], [62, 62, "live", "live"]);
  await endsWell(world, ["Hello", "again"]);
});

test("a leader that is frozen is replaced by a tab that is looked at, which sends what waits; and it follows when it wakes", async () => {
  const { world, tabs } = await three();
  tabs[0].isFrozen = true;
  tabs[1].model.send(OWN, { content: "Hello" });
  await world.rests(2);
  assert.deepEqual([world.posted.size, tabs[1].model.outbox.value.length], [0, 1], "it is given some seconds");
  await world.rests(3);
  assert.deepEqual([world.posted.size, tabs.slice(1).map(lastOf), states(tabs.slice(1))], [1, [61, 61], ["live", "live"]]);
  await endsWell(world, ["Hello"]);
});

test("a tab with another version of the page, and one without locks, go their own way", async () => {
  const { world, tabs } = await three();
  world.isPlain = true;
  const older = world.open();
  await world.rests();
  older.model.send(OWN, { content: "Hello" });
  world.edits(5, "edited");
  await world.rests();
  assert.deepEqual([world.sockets.size, ...[...tabs, older].map(lastOf)], [2, 61, 61, 61, 61]);
  await endsWell(world, ["Hello"]);
});

test("what one tab has read another has at once, with what has changed since it was written", async () => {
  const { world, tabs } = await three();
  const reading = tabs[1].model.timeline(OWN);
  await world.rests();
  await Promise.all([reading.older(), world.rests()]);
  world.edits(5, "edited");
  const { asked } = world;
  for (const socket of world.sockets) socket.hear();
  for (const tab of tabs) while (tab.queue.length) tab.hear();
  const other = tabs[2].model.timeline(OWN);
  for (let turn = 0; turn < 40; turn++) await settled();
  await other.older();
  assert.deepEqual([other.rows.value[5].content, world.asked, other.rows.value.length], ["edited", asked, 60]);
});

test("a tab that is alone tells nobody of events, and the first other one misses none", async (context) => {
  const told = [];
  const { tell } = Tabs.prototype;
  context.mock.method(Tabs.prototype, "tell", function (what) {
    told.push(what.type);
    tell.call(this, what);
  });
  const world = new World(recorded[0]);
  const first = world.open();
  await world.rests();
  world.edits(59, "edited");
  await world.rests();
  assert.deepEqual([told.filter((type) => type === "frame"), first.model.chat(OWN).value.messages.at(-1).content], [[], "edited"]);
  const second = world.open();
  world.edits(59, "once more");
  await world.rests();
  world.edits(58, "and this");
  await world.rests();
  assert.ok(told.includes("frame"));
  assert.equal(second.model.chat(OWN).value.messages.at(-1).content, "once more");
  await endsWell(world, []);
});

test("an event that did not come is asked for, and none is passed over", async () => {
  const { world, tabs } = await three();
  tabs[1].losing = 1;
  world.edits(59, "edited");
  world.edits(58, "edited");
  await world.rests(1);
  assert.equal(tabs[1].model.chat(OWN).value.messages.at(-1).content, "edited");
  await endsWell(world, []);
});

test("when the database has failed over all tabs go on, also one that has missed it, and fetch nothing anew", async () => {
  const { world, tabs } = await three();
  world.happens();
  await world.rests();
  const { opened, synced } = world;
  world.failsOver();
  tabs[2].isFrozen = true;
  for (let n = 0; n < 3; n++) world.happens();
  await world.rests();
  tabs[2].isFrozen = false;
  world.happens();
  await world.rests(2);
  for (const socket of [...world.sockets]) socket.lose();
  await world.rests(2);
  assert.deepEqual([world.synced, world.opened], [synced, opened + 1]);
  await endsWell(world, []);
});

test("whatever becomes of tabs, every copy ends as a fresh one, with one stream, and what was sent is there once", async (context) => {
  const seeds = process.env.TABS_SEED ? [Number(process.env.TABS_SEED)] : Array.from({ length: Number(process.env.TABS_SEEDS ?? 4) }, (_, at) => at + 1);
  for (const seed of seeds) {
    await context.test(`seed ${seed}`, async () => {
      const { below } = chance(seed);
      const random = () => below(10_000) / 10_000;
      const world = new World(recorded[seed % recorded.length]);
      world.isPlain = seed % 4 === 0;
      const sent = [];
      world.open();
      for (let n = 0; n < 200; n++) await step(world, random, sent, n < 20);
      await endsWell(world, sent);
    });
  }
});
