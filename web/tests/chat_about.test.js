import assert from "node:assert/strict";
import { test } from "node:test";

import { aboutOf } from "../chat/model/about.js";
import { effect, signal } from "../vendor/preact.js";

test("what a chat is stays the same object while messages come and are read, and is another one with a name or a member", () => {
  const member = { user_id: 2, fullname: "Grace", role: "member", last_read_seq: 1 };
  const chat = signal({ id: 1, name: "lunch", messages: [], last_seq: 1, last_read_seq: 0, unread: 1, unread_mentions: [], mention_count: 0, draft: null, members: [member] });
  const about = aboutOf(chat);
  const seen = [];
  const end = effect(() => void seen.push(about.value));
  chat.value = { ...chat.value, messages: [{ id: 7 }], last_seq: 2, unread: 2 };
  chat.value = { ...chat.value, last_read_seq: 2, unread: 0, members: [{ ...member, last_read_seq: 2 }] };
  chat.value = { ...chat.value, draft: { content: "So" }, unread_mentions: [2], mention_count: 1 };
  assert.equal(seen.length, 1);
  assert.deepEqual(seen[0], { id: 1, name: "lunch", members: [{ user_id: 2, fullname: "Grace", role: "member" }] });
  chat.value = { ...chat.value, name: "dinner" };
  chat.value = { ...chat.value, members: [{ ...member, role: "admin" }] };
  chat.value = { ...chat.value, members: null };
  chat.value = undefined;
  assert.deepEqual(seen.map((one) => [one?.name, one?.members?.[0].role]), [["lunch", "member"], ["dinner", "member"], ["dinner", "admin"], ["dinner", undefined], [undefined, undefined]]);
  end();
});
