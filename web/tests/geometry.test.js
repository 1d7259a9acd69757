import assert from "node:assert/strict";
import { test } from "node:test";

import { around, between, freePlace, middle, within } from "../boards/content/geometry.js";
import { outline, pad } from "../boards/content/shapes.js";
import { chance } from "./chance.js";

const { below } = chance(3);
const place = () => ({ x: below(2000) - 1000, y: below(2000) - 1000 });
const box = () => ({ ...place(), w: below(300), h: below(300) });

test("the box between two corners is the same from either, and never too small", () => {
  for (let round = 0; round < 500; round++) {
    const [a, b] = [place(), place()];
    const made = between(a, b, 24);
    assert.deepEqual(made, between(b, a, 24));
    assert.ok(made.w >= 24 && made.h >= 24 && made.x === Math.min(a.x, b.x) && made.y === Math.min(a.y, b.y));
  }
  assert.deepEqual(between({ x: 0.4, y: 0.6 }, { x: 30.3, y: 40.7 }, 0), { x: 0, y: 1, w: 30, h: 40 });
});

test("what is around boxes is the smallest in which all of them lie", () => {
  for (let round = 0; round < 500; round++) {
    const boxes = Array.from({ length: 1 + below(6) }, box);
    const all = around(boxes);
    assert.ok(boxes.every((one) => within(one, all)));
    for (const smaller of [{ ...all, w: all.w - 1 }, { ...all, h: all.h - 1 }, { ...all, x: all.x + 1 }, { ...all, y: all.y + 1 }]) {
      assert.ok(!boxes.every((one) => within(one, smaller)));
    }
  }
  assert.equal(around([]), null);
});

test("a new element is put beside those that are there", () => {
  const taken = [];
  for (let made = 0; made < 50; made++) taken.push(freePlace({ x: 10, y: -5 }, taken, 32));
  assert.deepEqual(taken[0], { x: 10, y: -5 });
  assert.equal(new Set(taken.map(({ x, y }) => `${x} ${y}`)).size, 50);
  assert.deepEqual(middle({ x: 10, y: 20, w: 4, h: 6 }), { x: 12, y: 23 });
});

test("a line goes from its first point to its last, by way of the others", () => {
  assert.equal(outline({ points: [0, 0, 10, 20], width: 4 }, 5, 5), "M5 5L15 25");
  assert.equal(outline({ points: [0, 0, 10, 0, 20, 10], width: 4 }, 0, 0), "M0 0Q10 0 15 5L20 10");
  assert.equal(outline({ points: [0, 0, 10, 20, 99], width: 4 }, 0, 0), "M0 0L10 20"); // half a point is none
  assert.equal(outline({ points: [], width: 4 }, 0, 0), "");
});

test("an arrow's head is at its end, on both sides alike, and has room", () => {
  for (let round = 0; round < 200; round++) {
    const arrow = { points: [0, 0, below(400) - 200, below(400) - 199], width: 1 + below(16), end: "arrow" };
    const [, wings] = outline(arrow, 0, 0).split("L").slice(1).join("L").split("M");
    const [one, tip, other] = wings.split("L").map((point) => point.split(" ").map(Number));
    assert.deepEqual(tip, arrow.points.slice(2));
    const [a, b] = [one, other].map(([x, y]) => Math.hypot(x - tip[0], y - tip[1]));
    assert.ok(Math.abs(a - b) < 0.3, `${a} ${b}`);
    assert.ok(a <= pad(arrow) + 0.2);
  }
});

test("a line has room for half its stroke", () => {
  for (const width of [1, 4, 16, 64]) assert.ok(pad({ width }) >= width / 2);
});
