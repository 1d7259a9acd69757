import assert from "node:assert/strict";
import { test } from "node:test";

import { paced } from "../lib/pace.js";
import { Clock } from "./browser.js";

test("what comes fast is done at once, and then at its pace, with the newest", async () => {
  const clock = new Clock();
  const done = [];
  const act = paced(80, (what) => done.push([clock.now, what]));
  for (let at = 0; at < 20; at++) {
    act(at);
    await clock.pass(10);
  }
  await clock.pass(1000);
  assert.deepEqual(done, [[0, 0], [80, 7], [160, 15], [240, 19]]);
  act("later"); // nothing waited, so this is the first again
  assert.deepEqual(done.at(-1), [1200, "later"]);
});

test("what waits can be done now, once", async () => {
  const clock = new Clock();
  const done = [];
  const act = paced(80, (what) => done.push(what));
  act(1);
  act(2);
  act.flush();
  await clock.pass(1000);
  act.flush();
  assert.deepEqual(done, [1, 2]);
});
