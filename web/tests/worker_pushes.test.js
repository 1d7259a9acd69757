/** What the service worker does with a push, as delivery_server/pushes/payload.py makes it. Firefox does it in `make push-firefox`. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {Record<string, (event: any) => void>} */
const listeners = {};
/** @type {Record<string, any>[]} what a browser shows, one of each tag */
let shown = [];
/** @type {number[]} */
const badges = [];
/** @type {string[]} */
const opened = [];
/** @type {any} */
const page = globalThis;
page.addEventListener = (/** @type {string} */ kind, /** @type {(event: any) => void} */ listener) => (listeners[kind] = listener);
page.location = new URL("https://chat.example.com/worker.js");
page.registration = {
  getNotifications: async (/** @type {{ tag: string }} */ { tag }) => shown.filter((one) => one.tag === tag),
  showNotification: async (/** @type {string} */ title, /** @type {Record<string, any>} */ options) => {
    assert(!options.renotify || options.tag, "browsers refuse renotify without a tag");
    shown = [...shown.filter((one) => !one.tag || one.tag !== options.tag), { title, ...options }];
  },
};
page.clients = { matchAll: async () => [], openWindow: async (/** @type {string} */ href) => opened.push(href) };
Object.defineProperty(page, "navigator", { value: { setAppBadge: async (/** @type {number} */ count) => badges.push(count) } });
await import("../chat/offline/worker.js");

/** @param {string} kind  @param {object} event */
async function dispatch(kind, event) {
  /** @type {Promise<unknown>[]} */
  const until = [];
  listeners[kind]({ ...event, waitUntil: (/** @type {Promise<unknown>} */ promise) => until.push(promise) });
  await Promise.all(until);
}

/** @param {number} seq  @param {string} body */
const pushOf = (seq, body) => ({
  web_push: 8030,
  notification: { title: "Bob in plans", body, lang: "en", dir: "auto", navigate: `https://chat.example.com/chat/7/${seq}`, tag: "/chat/7", app_badge: String(seq), data: { path: `/chat/7/${seq}`, seq } },
});
const push = (/** @type {object} */ message) => dispatch("push", { data: { json: () => message } });

test("a push is shown, and a newer one of its chat in its place; the same again makes no sound", async () => {
  await push(pushOf(8, "Dinner?"));
  assert.deepEqual(shown.map(({ title, body, renotify }) => [title, body, renotify]), [["Bob in plans", "Dinner?", true]]);
  await push(pushOf(8, "Dinner!"));
  assert.deepEqual(shown.map(({ body, renotify }) => [body, renotify]), [["Dinner!", false]]);
  await push(pushOf(9, "At nine"));
  assert.deepEqual(shown.map(({ body, renotify }) => [body, renotify]), [["At nine", true]]);
  assert.deepEqual(badges, [8, 8, 9]);
});

test("what cannot be read is shown all the same: browsers forbid silent pushes", async () => {
  shown = [];
  await dispatch("push", { data: null });
  await dispatch("push", { data: { json: () => JSON.parse("what?") } });
  assert.deepEqual(shown.map(({ title }) => title), ["Fechatter", "Fechatter"]);
});

test("a click leads to the message, and nowhere else", async () => {
  let closed = 0;
  const click = (/** @type {any} */ data) => dispatch("notificationclick", { notification: { data, close: () => (closed += 1) } });
  await click({ path: "/chat/7/9" });
  await click({ path: "https://evil.example/" });
  await click(null);
  assert.deepEqual([opened, closed], [["https://chat.example.com/chat/7/9", "https://chat.example.com/"], 3]);
});
