import "./crypto.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { canonical } from "../lib/patches/canonical.js";
import { Replica } from "../pages/sync/replica.js";
import { Undo } from "../pages/sync/undo.js";
import { chance } from "./chance.js";
import { Line, PageServer, settle } from "./page_server.js";

let server, lines, made;

beforeEach(() => {
  [server, lines, made] = [new PageServer(), [], 0];
});

/** Somebody who has the page open. */
function person() {
  const replica = new Replica({ say: () => {}, newId: () => `id${++made}` });
  const refused = [];
  replica.addEventListener("refused", ({ edit, code }) => refused.push([edit.id, code]));
  const line = new Line(server, replica, lines);
  line.connect();
  settle(lines);
  const undo = new Undo(replica, () => 0);
  const edit = (patches, how) => {
    const done = replica.edit(patches, how);
    undo.note(done);
    return done;
  };
  return { replica, line, undo, refused, edit };
}

const add = (id, props = {}) => [{ op: "add", path: `/components/${id}`, value: { id, name: "Text", parentId: 1, props } }];
const text = (id, value) => [{ op: "add", path: `/components/${id}/props/text`, value }];
const textOf = ({ content }, id) => content.components[id].props.text;
const same = (...people) => people.forEach(({ replica }) => assert.equal(canonical(replica.content), canonical(server.content)));

test("an edit is shown at once, saved once it is committed, and there for the others", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7));
  ada.edit(text(7, "Hello"));
  assert.equal(textOf(ada.replica, 7), "Hello");
  assert.equal(ada.replica.saved, false);
  settle(lines);
  assert.equal(ada.replica.saved, true);
  assert.equal(ada.replica.version, 3);
  same(ada, grace);
});

test("edits of different things at once are all taken, whoever is first", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7));
  grace.edit(add(8));
  grace.line.up();
  ada.line.up();
  settle(lines);
  same(ada, grace);
  assert.deepEqual([ada.refused, grace.refused], [[], []]);
  assert.deepEqual(Object.keys(server.content.components), ["1", "7", "8"]);
});

test("of two edits of the same, the later one is put on top once, by itself", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7, { text: "" }));
  settle(lines);
  ada.edit(text(7, "Ada"));
  const second = grace.edit(text(7, "Grace"));
  const first = second.id;
  ada.line.up();
  settle(lines);
  assert.equal(server.content.components[7].props.text, "Grace");
  assert.notEqual(second.id, first); // a refused id is never committed
  assert.equal(server.known.has(first), false);
  assert.deepEqual(grace.refused, []);
  same(ada, grace);
});

test("refused a second time it is told, and not in the page", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7, { text: "" }));
  settle(lines);
  grace.edit(text(7, "Grace"));
  for (const value of ["one", "two"]) {
    ada.edit(text(7, value));
    ada.line.up();
    grace.line.up();
    grace.line.down();
  }
  settle(lines);
  assert.deepEqual(grace.refused.map(([, code]) => code), ["VERSION_CONFLICT"]);
  assert.equal(server.content.components[7].props.text, "two");
  same(ada, grace);
});

test("what hangs on a refused edit goes with it, and is sent again if it fits", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7, { text: "" }));
  settle(lines);
  ada.edit([{ op: "remove", path: "/components/7" }]);
  grace.edit(text(7, "Grace"));
  grace.edit(add(9));
  grace.edit(text(9, "after it"));
  ada.line.up();
  settle(lines);
  assert.deepEqual(Object.keys(server.content.components), ["1", "9"]);
  assert.equal(server.content.components[9].props.text, "after it");
  assert.equal(grace.refused.length, 1);
  same(ada, grace);
});

test("what was edited without a connection is sent when there is one, and again after an answer was lost", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7));
  ada.line.up(); // it is committed, and the answer is lost
  ada.line.cut();
  ada.edit(text(7, "offline"));
  grace.line.down();
  grace.edit(text(7, "meanwhile"));
  grace.edit(add(8));
  settle([grace.line]);
  ada.line.connect();
  ada.line.up(1);
  ada.line.down();
  assert.deepEqual(ada.line.rising.map(([, { patches }]) => patches[0].path), ["/components/7/props/text"]); // and not what is known
  settle(lines);
  assert.equal(ada.replica.saved, true);
  assert.equal(server.ops.filter(({ patches }) => patches[0].path === "/components/7").length, 1);
  assert.deepEqual(Object.keys(server.content.components), ["1", "7", "8"]);
  assert.equal(server.content.components[7].props.text, "offline");
  same(ada, grace);
});

test("what a tab that is gone has left is sent by the next one, with its ids", () => {
  const [ada, grace] = [person(), person()];
  ada.line.cut();
  ada.edit(add(7));
  ada.edit(text(7, "kept"));
  const left = JSON.parse(JSON.stringify(ada.replica.queue));
  const next = new Replica({ say: () => {} });
  next.adopt(left, ada.replica.epoch);
  const line = new Line(server, next, lines);
  line.connect();
  settle(lines);
  assert.deepEqual(server.ops.map(({ id }) => id), left.map(({ id }) => id));
  assert.equal(textOf(next, 7), "kept");
  same(grace, { replica: next });
});

test("edits of before a restored backup are told, and not sent", () => {
  const ada = person();
  ada.line.cut();
  ada.edit(add(7));
  server.epoch = "2";
  ada.line.connect();
  settle(lines);
  assert.deepEqual(ada.refused.map(([, code]) => code), ["RESTORED"]);
  assert.equal(server.version, 1);
  same(ada);
});

test("a viewer's edits are all refused at once", () => {
  const ada = person();
  ada.edit(add(7));
  ada.edit(text(7, "x"));
  ada.line.cut();
  ada.line.connect();
  ada.line.up(1);
  ada.line.down();
  ada.replica.hear("error", { code: "READ_ONLY", id: ada.replica.queue[0].id, message: "" });
  assert.deepEqual([ada.refused.length, ada.replica.saved, Object.keys(ada.replica.content.components)], [2, true, ["1"]]);
});

test("a missing version, or another content than the server's, is noticed: all is asked for", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7));
  ada.line.up();
  grace.line.falling.length = 0; // lost on its way
  ada.edit(add(8));
  settle(lines);
  same(ada, grace);
  server.checks = true;
  grace.replica.content.components[8].props.text = "other";
  ada.edit(add(9));
  settle(lines);
  same(ada, grace);
});

test("an edit that nobody has seen yet is made longer, and is one still", () => {
  const ada = person();
  ada.edit(add(7, { text: "" }));
  settle(lines);
  ada.line.cut();
  for (const typed of ["H", "He", "Hel"]) ada.edit([{ op: "replace", path: "/components/7/props/text", value: typed }], { group: "7/text" });
  assert.deepEqual([ada.replica.queue.length, ada.replica.queue[0].patches.length], [1, 1]);
  assert.throws(() => ada.replica.edit([{ op: "remove", path: "/components/70" }], { group: "7/text" }));
  assert.equal(textOf(ada.replica, 7), "Hel");
  ada.undo.undo();
  assert.equal(textOf(ada.replica, 7), "");
  ada.line.connect();
  settle(lines);
  same(ada);
});

test("undo and redo take back one's own edits, and leave what others did", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7, { text: "first" }));
  ada.edit(text(7, "second"));
  settle(lines);
  grace.edit(add(8));
  settle(lines);
  ada.undo.undo();
  settle(lines);
  assert.equal(textOf(grace.replica, 7), "first");
  ada.undo.undo();
  settle(lines);
  assert.deepEqual(Object.keys(server.content.components), ["1", "8"]);
  ada.undo.redo();
  ada.undo.redo();
  settle(lines);
  assert.equal(textOf(grace.replica, 7), "second");
  assert.deepEqual(ada.refused, []);
  same(ada, grace);
});

test("an undo never overwrites what somebody has written since", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7, { text: "first" }));
  ada.edit(text(7, "second"));
  settle(lines);
  grace.edit(text(7, "third"));
  settle(lines);
  ada.undo.undo();
  settle(lines);
  assert.equal(server.content.components[7].props.text, "third");
  assert.deepEqual(ada.refused.map(([, code]) => code), ["VERSION_CONFLICT"]);
  assert.equal(ada.undo.canRedo, false);
  same(ada, grace);
});

test("an undo after a lost connection is not held back by one's own later edits", () => {
  const ada = person();
  ada.edit(add(7, { text: "first" }));
  ada.edit(text(7, "second"));
  settle(lines);
  ada.line.cut();
  ada.line.connect();
  settle(lines);
  ada.undo.undo();
  ada.line.cut();
  ada.line.connect();
  settle(lines);
  ada.undo.undo();
  settle(lines);
  assert.deepEqual([ada.refused, Object.keys(server.content.components)], [[], ["1"]]);
  same(ada);
});

test("keystrokes in one text are one step, unless somebody else comes between", () => {
  const [ada, grace] = [person(), person()];
  ada.edit(add(7, { text: "" }));
  settle(lines);
  for (const typed of ["H", "He"]) {
    ada.edit(text(7, typed), { group: "7/text" });
    settle(lines);
  }
  grace.edit(add(8));
  settle(lines);
  ada.edit(text(7, "Hey"), { group: "7/text" });
  settle(lines);
  ada.undo.undo();
  assert.equal(textOf(ada.replica, 7), "He");
  ada.undo.undo();
  assert.equal(textOf(ada.replica, 7), "");
  settle(lines);
  same(ada, grace);
});

test("whatever happens, all come to what the server has, and what was acknowledged is in it", () => {
  for (let seed = 1; seed <= 60; seed++) {
    [server, lines, made] = [new PageServer(), [], 0];
    const { below, from } = chance(seed);
    const people = [person(), person(), person()];
    const done = new Map();
    for (const { replica } of people) replica.addEventListener("committed", ({ edit, version }) => edit && done.set(edit.id, version));
    for (let step = 0; step < 120; step++) {
      const { line, edit, undo } = from(people);
      const id = 2 + below(5);
      const patch = from([add(id), text(id, `${step}`), [{ op: "remove", path: `/components/${id}` }], [{ op: "replace", path: `/components/${id}/parentId`, value: 1 + below(6) }]]);
      const act = below(9);
      try {
        if (act < 4) edit(patch);
        else if (act === 4) undo.undo();
      } catch {
        // It does not fit.
      }
      if (!line.connected) line.connect();
      else if (act === 5) line.cut();
      else if (act > 6) line.up(1 + below(3));
      else line.down(1 + below(3));
    }
    for (const { line } of people) if (!line.connected) line.connect();
    settle(lines);
    same(...people);
    for (const { replica } of people) assert.ok(replica.saved, `seed ${seed}`);
    for (const [id, version] of done) assert.equal(server.known.get(id)?.version, version, `seed ${seed}`);
  }
});
