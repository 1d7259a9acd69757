import assert from "node:assert/strict";
import { test } from "node:test";
import { startActivity } from "../chat/model/activity.js";

test("five minutes without a key or a touch in any tab are idle, and the next one is not", async () => {
  let time = 1_000_000;
  /** @type {boolean[]} */
  const told = [];
  /** @type {Record<string, () => void>} */
  const listeners = {};
  /** @type {Record<string, string>} */
  const stored = {};
  /** @type {any} */
  const page = globalThis;
  page.localStorage = { getItem: (/** @type {string} */ key) => stored[key] ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => (stored[key] = value) };
  page.addEventListener = (/** @type {string} */ kind, /** @type {() => void} */ listener) => (listeners[kind] = listener);
  page.document = { hidden: false, addEventListener: page.addEventListener };
  let look = () => {};
  let fails = false;
  const reportActivity = async (/** @type {{ idle: boolean }} */ { idle }) => {
    if (fails) throw new Error("no network");
    told.push(idle);
  };
  let lookOfAnother = () => {};
  const model = /** @type {any} */ ({ api: { users: { reportActivity } } });
  startActivity(model, { now: () => time, every: (what) => (lookOfAnother = what) });
  startActivity(model, { now: () => time, every: (what) => (look = what) });
  const pass = async (/** @type {number} */ seconds) => {
    time += seconds * 1000;
    lookOfAnother();
    look();
    await Promise.resolve();
  };
  await pass(299);
  assert.deepEqual(told, []);
  await pass(1);
  await pass(100);
  assert.deepEqual(told, [true]);
  listeners.keydown();
  await pass(200);
  assert.deepEqual(told, [true, false]);
  stored["fechatter.active_at"] = String(time); // in another tab
  await pass(299);
  assert.deepEqual(told, [true, false]);
  fails = true;
  await pass(1);
  await Promise.resolve();
  fails = false;
  await pass(30);
  assert.deepEqual(told, [true, false, true]);
  startActivity(model, { now: () => time, every: () => {} }); // a page opened then
  await Promise.resolve();
  assert.deepEqual(told, [true, false, true, false]);
});
