/** When a page says again that its browser has pushes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Page, settled } from "./browser.js";

new Page();
const DAY = 86_400_000;
const endpoint = "https://push.example/1";
const key = new Uint8Array([4, 1, 2, 3]);
const known = { options: { applicationServerKey: key.buffer }, toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }) };
const pushManager = { getSubscription: async () => known };
Object.defineProperty(globalThis, "navigator", { value: { language: "en", serviceWorker: { ready: Promise.resolve({ pushManager }) } }, configurable: true });
Object.assign(globalThis, { PushManager: Object, Notification: { permission: "granted" } });
localStorage.setItem("fechatter.push.7", "on");
const { startPushes } = await import("../chat/notifications/push.js");

/** What is put at a start, where the server has this. @param {object | null} subscription */
async function putWith(subscription) {
  /** @type {any[]} */
  const put = [];
  const notifications = { push: async () => ({ public_key: "BAECAw", subscription }), subscribe: async (/** @type {any} */ body) => put.push(body) };
  startPushes(/** @type {any} */ ({ me: { peek: () => ({ id: 7 }) }, api: { notifications } }));
  await settled();
  return put;
}

test("a device says so again once a day, and when something has changed", async () => {
  const seen_at = new Date(Date.now() - DAY / 2).toISOString();
  const same = { endpoint, language: "en", seen_at };
  assert.deepEqual(await putWith(same), []);
  const said = [{ endpoint, keys: { p256dh: "p", auth: "a" }, language: "en" }];
  assert.deepEqual(await putWith(null), said);
  assert.deepEqual(await putWith({ ...same, endpoint: "https://push.example/0" }), said);
  assert.deepEqual(await putWith({ ...same, language: "zh" }), said);
  assert.deepEqual(await putWith({ ...same, seen_at: new Date(Date.now() - 1.1 * DAY).toISOString() }), said);
});
