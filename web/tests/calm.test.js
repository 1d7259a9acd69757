import assert from "node:assert/strict";
import { test } from "node:test";

import { calmed } from "../chat/shell/calm.js";
import { signal } from "../vendor/preact.js";

test("what changes seldom is shown at once, what changes often two or three times a second, and its last state always", () => {
  let [now, due] = [0, /** @type {(() => void) | null} */ (null)];
  const after = (ms, act) => {
    assert.ok(ms <= 400);
    due = act;
    return () => (due = null);
  };
  const pass = (ms) => {
    now += ms;
    const act = due;
    due = null;
    act?.();
  };
  const source = signal(0);
  const { shown, stop } = calmed(source, { now: () => now, after });
  const seen = [];
  shown.subscribe((value) => seen.push(value));
  source.value = 1;
  assert.deepEqual(seen, [0, 1]);
  for (source.value = 2; source.value < 9; source.value++);
  assert.deepEqual(seen, [0, 1]);
  pass(400);
  assert.deepEqual(seen, [0, 1, 9]);
  now += 400;
  source.value = 10;
  assert.deepEqual(seen, [0, 1, 9, 10]);
  source.value = 11;
  stop();
  assert.equal(due, null);
  source.value = 12;
  assert.deepEqual(seen, [0, 1, 9, 10]);
});
