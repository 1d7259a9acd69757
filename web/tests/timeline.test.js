import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOfKey, actionsOf, standingIn } from "../chat/timeline/actions.js";
import { itemsOf, newcomers, newestSeq } from "../chat/timeline/items.js";
import { Reading } from "../chat/timeline/reading.js";
import { MOST, RowWindow } from "../chat/timeline/window.js";
import { Timeline } from "../chat/model/timeline.js";
import { signal } from "../vendor/preact.js";
import { chance } from "./chance.js";

const keys = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

test("the window shows the newest rows, moves both ways, and never has too many", () => {
  const window = new RowWindow();
  window.follow(keys(1001, 1300), true);
  assert.deepEqual([window.start, window.end, window.isAtEnd], [200, 300, true]);
  window.follow(keys(1001, 1380), true); // new ones come, and it stands at the end
  assert.deepEqual([window.start, window.end], [255, 380]);
  window.follow(keys(1001, 1405), true); // the oldest stay until the window is full again
  assert.deepEqual([window.start, window.end], [255, 405]);
  for (let turns = 0; turns < 3; turns += 1) assert.ok(window.up());
  assert.deepEqual([window.start, window.end, window.isAtEnd], [105, 255, false]);
  window.follow(keys(951, 1415), false); // history and new ones come meanwhile: what is shown is the same
  assert.deepEqual([window.start, window.end], [155, 305]);
  while (window.up());
  assert.deepEqual([window.start, window.end], [0, 150]);
  while (window.down());
  assert.deepEqual([window.start, window.end], [315, 465]);
  assert.ok(window.toKey("1000"));
  assert.deepEqual([window.start, window.end], [0, 99]);
  assert.ok(!window.toKey("3"));
  window.follow(keys(1, 20), false); // none of them is left
  assert.deepEqual([window.start, window.end], [0, 20]);
  window.follow([], true);
  assert.deepEqual([window.start, window.end, window.up(), window.down()], [0, 0, false, false]);
});

test("whatever comes and goes, the rows of the window that are left stay in it, and it is one piece", () => {
  const { below } = chance(7);
  const window = new RowWindow();
  let [rows, first, last] = [keys(500, 560), 500, 560];
  window.follow(rows, true);
  for (let round = 0; round < 800; round += 1) {
    const shown = rows.slice(window.start, window.end);
    const kind = below(6);
    if (kind === 0) rows = [...keys(first - 30, (first -= 30) + 29), ...rows];
    else if (kind === 1) rows = [...rows, ...keys(last + 1, (last += 1 + below(3)))];
    else if (kind === 2) rows = rows.filter(() => below(50) > 0);
    else if (kind === 3) window.up();
    else if (kind === 4) window.down();
    const follows = window.isAtEnd && below(2) === 0;
    if (kind < 3) window.follow(rows, follows);
    const now = new Set(rows.slice(window.start, window.end));
    assert.ok(now.size <= MOST && window.end <= rows.length && window.start >= 0 && (now.size > 0 || !rows.length));
    const here = new Set(rows);
    if (kind < 3 && !follows && shown.length < MOST - 3) for (const key of shown) assert.ok(!here.has(key) || now.has(key), `${round}: ${key}`);
  }
});

const at = (seq, minutes, more = {}) => ({
  id: seq, seq, sender_id: 1, created_at: new Date(Date.UTC(2026, 10, 20, 12, minutes)).toISOString(), reply_to: null, forwarded_from: null, deleted_at: null, ...more,
});

test("rows of one person within five minutes are a group, each day begins with its line, and what is new with its own", () => {
  const rows = [
    at(1, 0), at(2, 4), at(3, 10), at(4, 11, { sender_id: 2 }), at(5, 12, { sender_id: 2, reply_to: 1 }), at(6, 13, { sender_id: 2, deleted_at: "x" }),
    at(7, 14, { sender_id: 2 }), at(8, 15, { sender_id: 2 }), at(9, 24 * 60, { sender_id: 2 }), { ...at(null, 24 * 60), id: "k", pending: { key: "k" } },
  ];
  const items = itemsOf(rows, 0, rows.length, 8);
  assert.deepEqual(items.map(({ isGrouped }) => isGrouped), [false, true, false, false, false, false, false, false, false, false]);
  assert.deepEqual(items.filter(({ beginsDay }) => beginsDay).map(({ message }) => message.seq), [1, 9]);
  assert.deepEqual(items.filter(({ isFirstNew }) => isFirstNew).map(({ message }) => message.seq), [8]);
  assert.deepEqual(itemsOf(rows, 1, 3, 1).map(({ key, isGrouped, isFirstNew }) => [key, isGrouped, isFirstNew]), [["2", true, false], ["3", false, false]]);
  assert.equal(items.at(-1).key, "k");
  assert.equal(itemsOf(rows, 7, 8, null)[0].isGrouped, true);
  assert.deepEqual(newcomers(rows, 6, 1).map(({ seq }) => seq), [7, 8, 9]);
  assert.deepEqual(newcomers(rows, 0, 2).map(({ seq }) => seq), [1, 2, 3]);
  assert.deepEqual([newestSeq(rows), newestSeq([]), newcomers(rows, 9, 1)], [9, 0, []]);
});

/** Somebody who reads, with a clock that the test moves. */
function reader() {
  const told = [];
  const state = { attended: true, now: 0, timers: new Map(), made: 0 };
  const reading = new Reading({
    tell: (seq) => told.push(seq),
    isAttended: () => state.attended,
    now: () => state.now,
    after: (ms, act) => {
      state.timers.set((state.made += 1), { act, at: state.now + ms });
      return state.made;
    },
    cancel: (timer) => state.timers.delete(timer),
  });
  const passes = (ms) => {
    const end = state.now + ms;
    for (;;) {
      const [next] = [...state.timers].filter(([, timer]) => timer.at <= end).sort(([, one], [, other]) => one.at - other.at);
      if (!next) break;
      state.timers.delete(next[0]);
      state.now = next[1].at;
      next[1].act();
    }
    state.now = end;
  };
  return { told, state, reading, passes };
}

test("a row is read after half a second in view, in a window with the focus, and never after it was marked unread", () => {
  const { told, state, reading, passes } = reader();
  reading.look(5);
  passes(499);
  assert.deepEqual(told, []);
  passes(1);
  assert.deepEqual(told, [5]);
  reading.look(9); // scrolled on, and back before it could be read
  passes(300);
  reading.look(7);
  passes(1000);
  assert.deepEqual(told, [5, 7]);
  for (let seq = 8; seq < 12; seq += 1) {
    reading.look(seq); // messages come, each soon after the one before: each is read in its time
    passes(200);
  }
  assert.deepEqual(told, [5, 7, 8, 9]);
  passes(600);
  assert.deepEqual(told, [5, 7, 8, 9, 10, 11]);
  reading.look(20);
  state.attended = false; // the window loses the focus, with or without an event
  passes(1000);
  state.attended = true;
  assert.deepEqual(told.at(-1), 11);
  reading.look(20);
  passes(400);
  reading.stop();
  passes(1000);
  reading.look(30);
  passes(1000);
  assert.deepEqual(told.at(-1), 11);
});

test("what is offered is what one may do, by pointer and by key", () => {
  const named = (message, standing) => actionsOf(message, standing).map(({ name }) => name);
  const message = { id: 1, sender_id: 1, content: "x", deleted_at: null, forwarded_from: null };
  const group = { type: "Group", role: "member", archived_at: null, silenced_until: null };
  const own = named(message, standingIn(group, 1));
  assert.deepEqual(own, ["react", "reply", "forward", "edit", "copy_text", "copy_link", "pin", "unread", "readers", "delete"]);
  assert.deepEqual(named(message, standingIn(group, 2)), ["react", "reply", "forward", "copy_text", "copy_link", "pin", "unread", "readers", "report"]);
  assert.ok(named(message, standingIn({ ...group, role: "admin" }, 2)).includes("delete"));
  assert.ok(!named(message, standingIn({ ...group, type: "Single", role: "owner" }, 2)).includes("delete"));
  assert.ok(!named(message, standingIn({ ...group, type: "PublicChannel" }, 1)).includes("pin"));
  for (const closed of [{ archived_at: "2026-01-01T00:00:00Z" }, { silenced_until: "9999-01-01T00:00:00Z" }])
    assert.deepEqual(named(message, standingIn({ ...group, ...closed }, 2)), ["forward", "copy_text", "copy_link", "unread", "readers", "report"]);
  assert.deepEqual(named({ ...message, deleted_at: "x", content: "" }, standingIn(group, 1)), []);
  assert.ok(!named({ ...message, forwarded_from: {} }, standingIn(group, 1)).includes("edit"));
  const linked = { ...message, links: [{ kind: "website" }] };
  assert.deepEqual([1, 2].map((me) => named(linked, standingIn(group, me)).includes("hide_links")), [true, false]);
  const pending = { ...message, pending: { state: "refused" } };
  assert.deepEqual(named(pending, standingIn(group, 1)), ["edit", "copy_text", "retry", "discard"]);
  const press = (key, more = {}) => ({ key, getModifierState: () => false, ...more });
  const meant = (event, of = message, me = 1) => actionOfKey(event, of, standingIn(group, me))?.name ?? null;
  assert.deepEqual(["e", "E", "r", "t", "Delete", "x"].map((key) => meant(press(key))), ["edit", "edit", "react", "reply", "delete", null]);
  assert.deepEqual([meant(press("e"), message, 2), meant(press("Delete"), pending), meant(press("e", { ctrlKey: true })), meant(press("e", { isComposing: true }))], [null, "discard", null, null]);
});

test("a chat that stays open keeps its newest messages, and all of them while somebody reads old ones", async () => {
  const fetched = [];
  const all = (from, to) => Array.from({ length: to - from + 1 }, (_, place) => ({ id: from + place, seq: from + place }));
  const fetch = async (query) => fetched.push(query) && all(query.before_id - 50, query.before_id - 1);
  const timeline = new Timeline({ fetch, pending: signal([]), newest: all(1, 20), isAll: true });
  const seqs = () => timeline.rows.value.map(({ seq }) => seq);
  for (const message of all(21, 400)) timeline.append(message);
  assert.deepEqual(seqs(), all(1, 400).map(({ seq }) => seq));
  timeline.isHeld = true;
  timeline.append({ id: 401, seq: 401 });
  assert.equal(seqs()[0], 1);
  timeline.isHeld = false;
  timeline.append({ id: 402, seq: 402 });
  assert.deepEqual([seqs()[0], seqs().at(-1), seqs().length, timeline.atStart.value], [202, 402, 201, false]);
  timeline.append({ id: 402, seq: 402 }); // again, as after a loss
  assert.equal(seqs().length, 201);
  await timeline.older();
  assert.deepEqual(fetched, [{ before_id: 202, limit: 50 }]);
  assert.deepEqual(seqs(), all(152, 402).map(({ seq }) => seq));
});

test("what the disk has of a chat is shown while the server is asked, and stays if it cannot be", async () => {
  const all = keys(1, 90).map((key) => at(Number(key), 0));
  let [answer, refuse] = [(_found) => {}, (_problem) => {}];
  const asked = [];
  const timeline = new Timeline({
    newest: all.slice(-1), pending: signal([]),
    kept: async ({ before_id }) => (before_id ? all.slice(40, before_id - 1) : all.slice(60)),
    fetch: (query) => new Promise((resolve, reject) => {
      asked.push(query);
      [answer, refuse] = [resolve, reject];
    }),
  });
  const shown = () => [timeline.messages[0].seq, timeline.messages.length];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const refreshed = timeline.refresh().catch(() => "refused");
  await turn();
  assert.deepEqual([shown(), timeline.loading.value], [[61, 30], "newer"]);
  timeline.change((one) => (one.seq === 70 ? { ...one, content: "edited" } : one));
  refuse(new Error("There is no network."));
  assert.equal(await refreshed, "refused");
  assert.deepEqual([shown(), timeline.messages[9].content, timeline.loading.value], [[61, 30], "edited", null]);
  const older = timeline.older();
  await turn();
  assert.deepEqual(shown(), [41, 50]);
  answer(all.slice(10, 60));
  await older;
  assert.deepEqual([shown(), timeline.atStart.value, asked.length], [[11, 80], false, 2]);

  // Somebody stands elsewhere: what the disk has of the newest would leave a gap.
  const away = timeline.around(5);
  await turn();
  answer(all.slice(0, 9));
  await away;
  const back = timeline.toNewest();
  await turn();
  assert.deepEqual(shown(), [1, 9]);
  answer(all.slice(40));
  await back;
  assert.deepEqual(shown(), [41, 50]);
});
