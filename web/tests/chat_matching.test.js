import assert from "node:assert/strict";
import { test } from "node:test";

const kept = new Map();
globalThis.localStorage = /** @type {any} */ ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) });
const { found, frecency, loadPinyin, matched, use } = await import("../chat/matching/matching.js");

const DAY = 24 * 3600 * 1000;
const items = ["moon landing", "General", "市场部", "王小明", "Ada Lovelace", "Sales Monthly"].map((name) => ({ key: name, name }));
const names = (typed, now) => found(items, typed, now).map(({ name }) => name);

test("names are found by beginnings, words, initials and pinyin, best first", async () => {
  assert.equal(matched("市场部", "shichang"), null);
  await loadPinyin();
  assert.deepEqual(names("mo"), ["moon landing", "Sales Monthly"]);
  assert.deepEqual(names("AL"), ["Ada Lovelace", "General", "Sales Monthly"]);
  assert.deepEqual(names("shichang"), ["市场部"]);
  assert.deepEqual(names("scb"), ["市场部"]);
  assert.deepEqual(names("xm"), ["王小明"]);
  assert.deepEqual(names("小明"), ["王小明"]);
  assert.deepEqual(names("zzz"), []);
  assert.equal(names("").length, items.length);
  assert.deepEqual(matched("王小明", "xiaom"), { score: 2, from: 1, to: 3 });
  assert.deepEqual(matched("moon landing", "LAND"), { score: 4, from: 5, to: 9 });
});

test("Chinese names are found by pinyin that is mixed: begun, whole, and with characters", async () => {
  await loadPinyin();
  const range = (name, typed) => {
    const hit = matched(name, typed);
    return hit && [hit.from, hit.to];
  };
  for (const typed of ["zhang三", "zsan", "zhangs", "z三", "张s", "张san", "zhang san", "zhsan"]) assert.deepEqual(range("张三", typed), [0, 2], typed);
  assert.deepEqual(range("王小明", "wang小m"), [0, 3]);
  assert.deepEqual(range("王小明", "小m"), [1, 3]);
  assert.deepEqual(range("产品 Design", "产pinde"), [0, 5]);
  for (const typed of ["zhang四", "sanz", "zhanglsan", "三z", "zhang三x"]) assert.equal(range("张三", typed), null, typed);
  assert.equal(range("重庆", "chongq")?.[0], 0, "either way of saying a character");
  assert.equal(matched("Sam", "s三"), null);
});

test("what is used often and of late comes first among equals, and never before a better match", () => {
  const now = 1e12;
  for (let times = 0; times < 3; times++) use("Sales Monthly", now);
  use("General", now);
  assert.deepEqual(names("", now).slice(0, 2), ["Sales Monthly", "General"]);
  assert.deepEqual(names("mo", now), ["moon landing", "Sales Monthly"]);
  assert.ok(Math.abs(frecency("Sales Monthly", now + 3 * DAY) - 1.5) < 1e-9);
  use("General", now + 9 * DAY);
  assert.deepEqual(names("", now + 9 * DAY).slice(0, 2), ["General", "Sales Monthly"]);
  kept.set("fechatter.used", "not JSON");
  assert.equal(names("", now).length, items.length);
});
