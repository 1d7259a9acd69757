import assert from "node:assert/strict";
import { test } from "node:test";

import { othersIn } from "../boards/drawing/presence.js";
import { initialsOf } from "../documents/people.js";

test("a person's name is the member's, whatever their client says", () => {
  const states = new Map([
    [1, { user_id: 7, user: { name: "Somebody else" } }],
    [2, { user_id: 8, user: { name: "Grace" } }],
    [3, { user_id: 9, user: { name: "me" } }],
  ]);
  const found = othersIn(states, 3, new Map([[7, "Ada"]]));
  assert.deepEqual(found.map(({ client, userId, name }) => [client, userId, name]), [[1, 7, "Ada"], [2, 8, "Grace"]]);
});

test("states that make no sense do no harm", () => {
  const states = new Map([[1, null], [2, "x"], [3, 5], [4, {}], [5, { user_id: "7", user: 3 }], [6, { user_id: 1.5, user: { name: "x".repeat(1000) } }]]);
  const found = othersIn(states, 99, new Map());
  assert.deepEqual(found.map(({ client, userId, name }) => [client, userId, name]), [[4, -4, "Somebody"], [5, -5, "Somebody"], [6, -6, "x".repeat(64)]]);
});

test("initials are the first letters of two words, whole ones", () => {
  for (const [name, initials] of [["Ada Lovelace", "AL"], ["ada (you)", "A"], ["Ada King Lovelace", "AK"], ["😀 Smith", "😀S"], ["陈 明", "陈明"], ["", ""], ["  x ", "X"]]) {
    assert.equal(initialsOf(name), initials, name);
  }
});
