import "./crypto.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPage } from "../lib/patches/schema.js";
import { PageDocument } from "../pages/content/document.js";
import { Replica } from "../pages/sync/replica.js";
import { Undo } from "../pages/sync/undo.js";

/** A page with texts a to e, of which c is a card that holds d, and what a test asks of it. */
function open() {
  const replica = new Replica({ say: () => {} });
  const page = new PageDocument(replica, new Undo(replica));
  replica.hear("sync", { version: 1, content: newPage(), checksum: undefined });
  page.mayEdit = true;
  const ids = /** @type {Record<string, string>} */ ({});
  for (const name of ["a", "b", "c", "e"]) {
    page.select(null);
    ids[name] = String(page.add({ name: name === "c" ? "Card" : "Text", props: { text: name } }));
  }
  ids.d = String(page.add({ name: "Text", props: { text: "d" } }, { parent: ids.c, at: 0 }));
  page.select(null);
  const text = (/** @type {string} */ id) => page.tree.components[id].props?.text;
  return {
    page,
    choose: (/** @type {string} */ name, keys = {}) => page.choose(ids[name], { ctrlKey: false, metaKey: false, shiftKey: false, ...keys }),
    chosen: () => page.chosen.map(text).join(""),
    shown: () => page.tree.below().slice(1).map(text).join(""),
  };
}

const CONTROL = { ctrlKey: true };
const SHIFT = { shiftKey: true };

test("with Control one more or one less is selected, with Shift all up to there", () => {
  const { choose, chosen } = open();
  choose("b");
  choose("e", CONTROL);
  assert.equal(chosen(), "be");
  choose("b", CONTROL);
  assert.equal(chosen(), "e");
  choose("e", CONTROL); // the last one stays
  assert.equal(chosen(), "e");
  choose("b", SHIFT);
  assert.equal(chosen(), "bcde");
  choose("a");
  assert.equal(chosen(), "a");
});

test("what one does to several is done to each, and is one step", () => {
  const { page, choose, chosen, shown } = open();
  choose("a");
  choose("c", CONTROL);
  choose("d", CONTROL); // is in c, and goes with it
  page.removeChosen();
  assert.equal(shown(), "be");
  page.undoLast();
  assert.equal(shown(), "abcde");
  choose("a");
  choose("b", CONTROL);
  page.shiftChosen(1);
  assert.equal(shown(), "cdabe");
  page.shiftChosen(1);
  assert.equal(shown(), "cdeab");
  assert.equal(page.shiftChosen(1), false);
  assert.equal(chosen(), "ab");
  page.undoLast();
  page.undoLast();
  assert.equal(shown(), "abcde");
  page.duplicateChosen();
  assert.equal(shown(), "aabbcde");
  assert.equal(chosen(), "ab");
  page.undoLast();
  assert.equal(shown(), "abcde");
});

test("what somebody else removes is selected no more", () => {
  const { page, choose, chosen } = open();
  choose("a");
  choose("b", CONTROL);
  choose("e", CONTROL);
  assert.equal(chosen(), "abe");
  page.change([{ op: "remove", path: `/components/${page.chosen[1]}` }]);
  assert.equal(chosen(), "ae");
});
