import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { Replica } from "../src/replica.js";

/** What a server said to somebody, recorded by tests/end_to_end/streams/test_snapshot_and_events.py. */
const recorded = JSON.parse(gunzipSync(readFileSync(new URL("recorded.json.gz", import.meta.url))));

const NEWEST = 20;
const IN_A_LIST = 100;
const by = (key) => (one, other) => one[key] - other[key];
const latest = (one, other) => (one.created_at < other.created_at ? 1 : one.created_at > other.created_at ? -1 : 0);
const left = (list, at) => list.filter(({ expires_at }) => expires_at === null || new Date(expires_at) > at).slice(0, IN_A_LIST);
const activity = ({ thread, thread_id }) => thread?.last_reply_id ?? thread_id;

/** As GET /api/sync would give it at that time, without what a copy may have more of or learns late. */
function stateOf(copy, at) {
  const chats = [...copy.chats.values()].sort(by("id")).map((chat) => ({
    ...chat,
    messages: [...chat.messages].sort(by("seq")).slice(-NEWEST),
    members: chat.members && [...chat.members].sort(by("user_id")),
    bans: chat.bans && left([...chat.bans].sort((one, other) => latest(one, other) || other.user_id - one.user_id), at),
    invites: chat.invites && left([...chat.invites].sort(by("id")).reverse(), at),
  }));
  const documents = (part) =>
    [...copy[part].values()].sort(by("id")).map(({ version: _, ...document }) => ({
      ...document,
      members: document.members && [...document.members].sort(by("user_id")),
      invites: document.invites && left([...document.invites].sort(by("id")).reverse(), at),
    }));
  const emoji = [...copy.emoji].sort(([one], [other]) => one - other).flatMap(([, named]) => [...named.values()].sort((one, other) => (one.name < other.name ? -1 : 1)));
  return {
    user: copy.user, presence_mode: copy.presenceMode, chats, emoji, boards: documents("boards"), pages: documents("pages"),
    workspaces: [...copy.workspaces.values()].sort(by("id")),
    threads: [...copy.threads.values()].sort((one, other) => activity(other) - activity(one)).slice(0, IN_A_LIST),
    invitations: [...copy.invitations.values()].sort(latest),
    reports: [...copy.reports.values()].sort(by("id")).reverse(),
    threadDrafts: [...copy.threadDrafts.values()].sort(by("thread_id")),
  };
}

/** Ids of those objects of a part that are others than before. */
const changedIn = (before, after) => new Set([...before.keys(), ...after.keys()].filter((id) => before.get(id) !== after.get(id)));

/** As a fresh lean snapshot would give it. A client asks for the newest message of a chat of which it has none. */
function leanStateOf(copy, at, fresh) {
  const newest = new Map(fresh.chats.map(({ id, messages }) => [id, messages]));
  const state = stateOf(copy, at);
  for (const chat of state.chats) {
    chat.messages = chat.messages.length ? chat.messages.slice(-1) : newest.get(chat.id);
    chat.bans = chat.invites = null;
    if (chat.type !== "Single") chat.members = null;
  }
  for (const document of [...state.boards, ...state.pages]) document.members = document.invites = document.versions = null;
  return state;
}

/** Applies an event twice, as two tabs may; it says all that has changed, and changes no object that somebody may hold. */
function apply(copy, event) {
  const before = Object.fromEntries(["chats", "boards", "pages", "threads", "threadDrafts"].map((part) => [part, new Map(copy[part])]));
  const untouched = JSON.stringify(event);
  const changes = copy.apply(event);
  for (const part of Object.keys(before)) {
    for (const id of changedIn(before[part], copy[part])) assert.ok(changes[part].has(id), `${event.kind} ${part} ${id}`);
  }
  assert.equal(JSON.stringify(event), untouched);
  copy.apply(event);
}

test("a snapshot and the events after it give a fresh snapshot, in both shapes, and after it was on a disk", () => {
  const kinds = new Set();
  for (const { snapshot, lean: leanSnapshot, rounds } of recorded) {
    let [copy, lean] = [new Replica(snapshot), new Replica(leanSnapshot)];
    for (const { events, fresh, lean: freshLean, at } of rounds) {
      for (const event of events) {
        kinds.add(event.kind);
        apply(copy, event);
        apply(lean, event);
      }
      [copy, lean] = [copy, lean].map((one) => new Replica(structuredClone(one.snapshot())));
      const now = new Date(at);
      assert.deepEqual(stateOf(copy, now), stateOf(new Replica(fresh), now));
      assert.deepEqual(leanStateOf(lean, now, freshLean), stateOf(new Replica(freshLean), now));
    }
  }
  assert.ok(kinds.size >= 45, `only ${kinds.size} kinds of events: ${[...kinds].sort()}`);
});

test("events of what is not here, and kinds of a later server, change nothing", () => {
  const [{ snapshot, rounds }] = recorded;
  const nothing = new Replica({ ...snapshot, chats: [], boards: [], pages: [], threads: [], thread_drafts: [] });
  for (const { events } of rounds) {
    for (const event of events.filter(({ kind }) => /^(Message|Thread|Reaction|Read|Draft|Chat[UM]|Board[UMVT]|Page[UMVT])/.test(kind))) nothing.apply(event);
  }
  assert.deepEqual([nothing.chats.size, nothing.boards.size, nothing.pages.size, nothing.threads.size, nothing.threadDrafts.size], [0, 0, 0, 0, 0]);
  assert.equal(nothing.apply({ kind: "Unheard", data: {} }).chats.size, 0);
});
