import assert from "node:assert/strict";
import { test } from "node:test";

import { keptInMemory, Outbox } from "../src/outbox.js";
import { Problem, SignedOut, Unreachable } from "../src/request.js";
import { Place, settled } from "./place.js";

/** An outbox whose posts the test answers, and what it has posted. */
function outbox({ kept = keptInMemory(), place = new Place() } = {}) {
  const asked = [];
  const posted = [];
  let entries = [];
  const box = new Outbox({
    kept,
    place,
    post: (entry) => new Promise((resolve, reject) => asked.push({ entry, resolve, reject })),
    posted: (entry, message) => posted.push([entry.key, message]),
    changed: (now) => (entries = now),
  });
  return { box, place, kept, asked, posted, states: () => entries.map(({ body, state }) => `${body.content} ${state}`) };
}

test("in a chat one is under way at a time, in order, and other chats do not wait", async () => {
  const { box, asked, states } = outbox();
  await box.open();
  for (const [chat, content] of [[1, "a"], [1, "b"], [2, "c"]]) box.add(chat, { content });
  await settled();
  assert.deepEqual(asked.map(({ entry }) => entry.body.content), ["a", "c"]);
  asked[0].resolve({ id: 1 });
  await settled();
  assert.deepEqual(asked.map(({ entry }) => entry.body.content), ["a", "c", "b"]);
  assert.deepEqual(states(), ["b sending", "c sending"]);
});

test("its request begins before anybody draws it, and one that waits is told of all the same", async () => {
  const told = [];
  const post = ({ body }) => new Promise(() => told.push(`posts ${body.content}`));
  const box = new Outbox({ kept: keptInMemory(), place: new Place(), post, changed: (now) => told.push(now.map(({ body, state }) => `${body.content} ${state}`).join()) });
  await box.open();
  told.length = 0;
  box.add(1, { content: "a" });
  box.add(1, { content: "b" });
  assert.deepEqual(told, ["posts a", "a sending", "a sending,b waiting"]);
});

test("after a restart it goes out with the key that it had, whether or not it was posted", async () => {
  const { box, kept, asked } = outbox();
  await box.open();
  const { key } = box.add(1, { content: "a" });
  box.add(1, { content: "b" });
  await settled();
  box.close();
  const next = outbox({ kept });
  await next.box.open();
  await settled();
  assert.deepEqual(next.asked.map(({ entry }) => entry.key), [key]);
  next.asked[0].resolve({ id: 1 });
  await settled();
  assert.deepEqual(next.asked.map(({ entry }) => entry.body.content), ["a", "b"]);
  next.asked[1].resolve({ id: 2 });
  await settled();
  assert.deepEqual([next.posted.length, await kept.all()], [2, []]);
  asked[0].reject(new Unreachable());
});

test("it waits as long as a busy server wishes, then longer each time, and not when it hears that the server is there", async () => {
  const { box, place, asked } = outbox();
  await box.open();
  box.add(1, { content: "a" });
  await settled();
  asked[0].reject(new Problem(429, { code: "too_many" }, 7));
  await settled();
  assert.equal(place.next, 7000);
  box.add(2, { content: "b" });
  await settled();
  assert.equal(asked.length, 1); // nor is another tried
  await place.pass(7000);
  assert.equal(asked.length, 3);
  asked[1].reject(new Problem(503, {}));
  await settled();
  assert.ok(place.next >= 500 && place.next <= 1000);
  box.wake();
  await settled();
  assert.equal(asked.length, 4);
  asked[3].reject(new SignedOut());
  await settled();
  assert.equal(place.next, null);
});

test("what is refused stays, lets others pass, and goes out again with its key when somebody says so", async () => {
  const { box, asked, states, kept } = outbox();
  await box.open();
  const { key } = box.add(1, { content: "a" });
  box.add(1, { content: "b" });
  await settled();
  assert.equal(box.discard(key), false); // it may be there already
  asked[0].reject(new Problem(422, { code: "validation_failed" }));
  await settled();
  assert.deepEqual(states(), ["a refused", "b sending"]);
  assert.equal((await kept.all())[0].problem.code, "validation_failed");
  asked[1].resolve({});
  box.retry(key);
  await settled();
  assert.equal(asked[2].entry.key, key);
  asked[2].reject(new Problem(403, {}));
  await settled();
  assert.equal(box.discard(key), true);
  assert.deepEqual(await kept.all(), []);
});

test("what the server may have forgotten the key of is not sent unasked", async () => {
  const place = new Place();
  const kept = keptInMemory();
  await kept.put({ key: "old", chatId: 1, body: { content: "a" }, madeAt: place.now() - 24 * 3600_000, state: "sending", problem: null });
  const { box, asked, states } = outbox({ kept, place });
  await box.open();
  await settled();
  assert.deepEqual([asked, states(), box.entries[0].problem.code], [[], ["a refused"], "too_old"]);
  box.retry("old");
  await settled();
  assert.equal(asked.length, 1);
  assert.notEqual(asked[0].entry.key, "old");
});

test("without a disk it is kept in memory", async () => {
  const broken = { all: () => Promise.reject(new Error()), put: () => Promise.reject(new Error()), delete: () => Promise.reject(new Error()) };
  const { box, asked, posted } = outbox({ kept: broken });
  await box.open();
  box.add(1, { content: "a" });
  await settled();
  asked[0].resolve({ id: 1 });
  await settled();
  assert.deepEqual([posted.length, box.entries], [1, []]);
});

test("what a failover may have lost goes out again with its key, unless it is older than a quarter of an hour", async () => {
  const { box, place, asked, posted, states } = outbox();
  await box.open();
  const post = async (/** @type {string} */ content) => {
    box.add(1, { content });
    await settled();
    asked.at(-1).resolve({ id: asked.length });
    await settled();
  };
  await post("long ago");
  await place.pass(900_001);
  for (const content of ["a", "b", "c"]) await post(content);
  const keys = asked.slice(1).map(({ entry }) => entry.key);

  const done = box.putBack();
  await settled();
  asked[4].resolve({ id: 2 });
  await settled();
  asked[5].reject(new Problem(403, { code: "forbidden" })); // who has left the chat meanwhile
  await settled();
  asked[6].reject(new Unreachable());
  await done;
  await settled();
  assert.deepEqual(asked.slice(4).map(({ entry }) => entry.key), [...keys, keys[2]]);
  assert.deepEqual([posted.length, states()], [4, ["c sending"]], "those which the server has are not shown anew");

  asked[7].resolve({ id: 8 });
  await settled();
  box.forget(8); // by the id under which it is back
  const again = box.putBack();
  await settled();
  box.forget(3); // while another one is put back
  asked[8].resolve({ id: 20 });
  await again;
  box.forget(20);
  await box.putBack();
  assert.deepEqual(asked.slice(8).map(({ entry }) => entry.key), [keys[0]], "what is deleted or edited meanwhile stays so");
});
