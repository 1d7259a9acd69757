import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, isWithin, lastPlace, moved, pathOf, shownOf, stepped, treeOf } from "../admin/directory/tree.js";
import { spanOf } from "../admin/statistics/durations.js";
import { addressOf, placeOf } from "../admin/shell/router.js";
import { asCsv, changesOf, queryOf } from "../admin/workspace/audit_entries.js";
import { chance } from "./chance.js";

const department = (id, parent_id, place, name = `d${id}`) => ({ id, parent_id, name, place, hidden: false });
/** As nested lists of ids. */
const shape = (all) => {
  const of = (nodes) => nodes.map(({ department: { id }, below }) => (below.length ? [id, of(below)] : id));
  return of(treeOf(all));
};
const SOME = [department(1, null, 100), department(2, 1, 100), department(3, 1, 200), department(4, 1, 300), department(5, 3, 0), department(6, null, 200)];

test("a tree is in order, and what is closed hides what is below it", () => {
  assert.deepEqual(shape(SOME), [[1, [2, [3, [5]], 4]], 6]);
  const shown = shownOf(treeOf(SOME), new Set([3])).map(({ department: { id }, level }) => [id, level]);
  assert.deepEqual(shown, [[1, 1], [2, 2], [3, 2], [4, 2], [6, 1]]);
  assert.deepEqual(pathOf(SOME, 5), ["d1", "d3", "d5"]);
  // What is below a department that one may not see is at the top.
  assert.deepEqual(shape(SOME.filter(({ id }) => id !== 3)), [5, [1, [2, 4]], 6]);
});

test("moving one changes it alone where there is room, and its neighbours where there is none", () => {
  assert.deepEqual(moved(SOME, 4, "before", 3), [{ id: 4, place: 150 }]);
  assert.deepEqual(moved(SOME, 6, "into", 3), [{ id: 6, parent_id: 3, place: 100 }]);
  assert.deepEqual(moved(SOME, 5, "after", 1), [{ id: 5, parent_id: null, place: 150 }]);
  const close = [department(1, null, 0), department(2, null, 0), department(3, null, 0)];
  assert.deepEqual(shape(changed(close, moved(close, 3, "before", 1))), [3, 1, 2]);
  assert.deepEqual(shape(changed(close, moved(close, 1, "after", 2))), [2, 1, 3]);
  assert.equal(lastPlace(SOME, 1), 400);
  assert.equal(lastPlace(SOME, 5), 100);
});

test("nothing goes below itself, and keys go as far as there is a way", () => {
  assert.deepEqual(moved(SOME, 1, "into", 5), []);
  assert.deepEqual(moved(SOME, 1, "before", 5), []);
  assert.deepEqual(moved(SOME, 3, "into", 3), []);
  assert.deepEqual(stepped(SOME, 2, "up"), []);
  assert.deepEqual(stepped(SOME, 4, "down"), []);
  assert.deepEqual(stepped(SOME, 2, "in"), []);
  assert.deepEqual(stepped(SOME, 1, "out"), []);
  assert.deepEqual(shape(changed(SOME, stepped(SOME, 4, "in"))), [[1, [2, [3, [5, 4]]]], 6]);
  assert.deepEqual(shape(changed(SOME, stepped(SOME, 3, "out"))), [[1, [2, 4]], [3, [5]], 6]);
  assert.deepEqual(shape(changed(SOME, stepped(SOME, 3, "up"))), [[1, [[3, [5]], 2, 4]], 6]);
});

test("whatever is moved, all are still there, in the order that was wanted", () => {
  const { below, from } = chance(17);
  let all = Array.from({ length: 12 }, (_, at) => department(at + 1, null, 0));
  for (let turn = 0; turn < 600; turn++) {
    const [id, target] = [1 + below(12), 1 + below(12)];
    const where = from(["before", "after", "into"]);
    const before = all;
    const changes = moved(all, id, where, target);
    all = changed(all, changes);
    assert.equal(shownOf(treeOf(all), new Set()).length, 12);
    const over = before.find((one) => one.id === target);
    const parent = where === "into" ? target : over.parent_id;
    if (id === target || isWithin(before, parent, id)) {
      assert.deepEqual(changes, []);
      continue;
    }
    const inPlace = (list) => list.filter((one) => one.parent_id === parent).sort((a, b) => a.place - b.place || a.id - b.id).map((one) => one.id);
    const wanted = inPlace(before).filter((one) => one !== id);
    wanted.splice(where === "into" ? wanted.length : wanted.indexOf(target) + (where === "after" ? 1 : 0), 0, id);
    assert.deepEqual(inPlace(all), wanted);
  }
});

test("an address says the page, the organisation and the workspace, and nothing else", () => {
  for (const address of ["/admin", "/admin/people?organization=3", "/admin/audit?organization=3&workspace=4"]) assert.equal(addressOf(placeOf(new URL(address, "http://x"))), address);
  assert.deepEqual(placeOf(new URL("http://x/admin/?organization=x&workspace=-1")), { section: "overview", organization: null, workspace: null });
});

test("filters ask for whole days of the reader's, and for actions as they are called", () => {
  assert.deepEqual(queryOf({ action: "", actor: "", since: "", until: "" }), {});
  const query = queryOf({ action: " Chat_Deleted ", actor: "7", since: "2026-11-29", until: "2026-11-30" });
  assert.deepEqual([query.action, query.actor_id], ["chat_deleted", 7]);
  assert.equal(query.since, new Date(2026, 10, 29).toISOString());
  assert.equal(query.until, new Date(2026, 11, 1).toISOString());
  assert.deepEqual(queryOf({ action: "no action!", actor: "", since: "", until: "" }), {});
});

test("a file of the log has a line for each entry, and nothing that a spreadsheet calculates", () => {
  const entry = { at: "2026-11-30T00:00:00Z", action: "chat_renamed", actor_id: 1, delegate_id: null, address: "127.0.0.1", target_type: "chat", target_id: 7, before: { name: "a, \"b\"" }, after: { name: "=HYPERLINK()" } };
  const [head, line, end] = asCsv([entry], (id) => (id === 1 ? "=Ada" : "")).split("\r\n");
  assert.equal(head, "at,action,actor,delegate,address,target_type,target_id,chat_id,board_id,page_id,before,after");
  assert.equal(line, `2026-11-30T00:00:00Z,chat_renamed,'=Ada,,127.0.0.1,chat,7,,,,"{""name"":""a, \\""b\\""""}","{""name"":""=HYPERLINK()""}"`);
  assert.equal(end, "");
  assert.deepEqual(changesOf({ before: null, after: { role: "admin" } }), [{ name: "role", before: "–", after: "admin" }]);
});

test("online time is asked for the last thirty days, over the end of a month too", () => {
  assert.deepEqual(spanOf(new Date(2026, 2, 15)), { since: "2026-02-14", until: "2026-03-15" });
  assert.deepEqual(spanOf(new Date(2026, 0, 5)), { since: "2025-12-07", until: "2026-01-05" });
});
