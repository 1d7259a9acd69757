import "./crypto.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { apply } from "../lib/patches/patch.js";
import { newPage, problem } from "../lib/patches/schema.js";
import { link, picture } from "../pages/content/addresses.js";
import * as edits from "../pages/content/edits.js";
import { KINDS, kindOf, labelOf } from "../pages/content/kinds.js";
import { between, compare } from "../pages/content/order.js";
import { tableOf } from "../pages/content/tables.js";
import { Tree } from "../pages/content/tree.js";
import { pastedFrom } from "../pages/clipboard.js";
import { together } from "../pages/dialogs/changes.js";
import { chance } from "./chance.js";

/** A page to which patches are done, and which stays valid. */
function page(content = newPage()) {
  const done = (patches) => {
    apply(content, patches);
    assert.equal(problem(content), null);
  };
  return {
    content,
    done,
    get tree() {
      return new Tree(content);
    },
    add(name, parent = "1", at = this.tree.childrenOf(parent).length, children = []) {
      const { patches, id } = edits.add(this.tree, { name, children }, { parent, at });
      done(patches);
      return id;
    },
  };
}

test("between any two orders there is room for another, hundreds of times", () => {
  const { below } = chance(3);
  for (const start of [[], [1, 2, 3], [1, "V"]]) {
    const orders = [...start];
    for (let made = 0; made < 500; made++) {
      const at = made % 2 ? below(orders.length + 1) : Math.min(1, orders.length); // often at the same place
      const order = between(orders[at - 1] ?? null, orders[at] ?? null);
      if (order === null) continue; // numbers have room for fifty
      orders.splice(at, 0, order);
    }
    assert.deepEqual([...orders].sort(compare), orders);
    assert.ok(orders.length > 200);
    assert.equal(new Set(orders).size, orders.length);
  }
  assert.equal(between("V", "V"), null);
  assert.equal(between("b", "a"), null);
  assert.equal(between("a", "a0"), null); // made elsewhere: there is nothing between
});

test("components go where they are put, whatever their siblings' orders are", () => {
  const it = page({ rootId: 1, components: { 1: { id: 1 }, 2: { id: 2, parentId: 1 }, 3: { id: 3, parentId: 1 }, 4: { id: 4, parentId: 1, order: 0 } } });
  const between2and3 = it.add("Text", "1", 1);
  assert.deepEqual(it.tree.childrenOf("1"), ["2", between2and3, "3", "4"]);
  const first = it.add("Text", "1", 0);
  const last = it.add("Text");
  assert.deepEqual(it.tree.childrenOf("1"), [first, "2", between2and3, "3", "4", last]);
});

test("a parent that lists its children lists those that come, move and go", () => {
  const it = page({ rootId: 1, components: { 1: { id: 1, children: [3, 2] }, 2: { id: 2 }, 3: { id: 3 } } });
  const added = it.add("Card", "1", 1);
  assert.deepEqual(it.content.components[1].children.map(String), ["3", added, "2"]);
  it.done(edits.move(it.tree, "2", { parent: "1", at: 0 }));
  assert.deepEqual(it.tree.childrenOf("1"), ["2", "3", added]);
  it.done(edits.move(it.tree, "3", { parent: added, at: 0 }));
  assert.deepEqual([it.tree.childrenOf("1"), it.tree.childrenOf(added)], [["2", added], ["3"]]);
  it.done(edits.remove(it.tree, added));
  assert.deepEqual(it.content, { rootId: 1, components: { 1: { id: 1, children: [2] }, 2: it.content.components[2] } });
});

test("to move and copy touches nothing else, and a move to where it is does nothing", () => {
  const it = page();
  const card = it.add("Card", "1", 0, [{ name: "Text", props: { text: "in it" } }, { name: "Divider" }]);
  const text = it.add("Text");
  assert.deepEqual(edits.move(it.tree, text, { parent: "1", at: 1 }), []);
  const patches = edits.move(it.tree, text, { parent: card, at: 1 });
  assert.deepEqual(patches.map(({ op, path }) => [op, path]), [["replace", `/components/${text}/parentId`], ["replace", `/components/${text}/order`]]);
  it.done(patches);
  assert.equal(it.tree.childrenOf(card)[1], text);
  const draft = edits.draftOf(it.tree, card);
  assert.deepEqual(draft.children.map(({ name }) => name), ["Text", "Text", "Divider"]);
  it.done(edits.add(it.tree, draft, { parent: "1", at: 0 }).patches);
  assert.equal(it.tree.below().length, 9);
});

test("a property is written into what is there, or with what it needs", () => {
  const it = page();
  const tree = new Tree({ rootId: 1, components: { 1: { id: 1 }, 2: { id: 2, parentId: 1, props: { "a/b": 1 } } } });
  assert.deepEqual(edits.set(tree, "1", ["props", "text"], "x"), [{ op: "add", path: "/components/1/props", value: { text: "x" } }]);
  assert.deepEqual(edits.set(tree, "2", ["props", "a/b"], 2), [{ op: "replace", path: "/components/2/props/a~1b", value: 2 }]);
  assert.deepEqual(edits.set(tree, "2", ["props", "a/b"], undefined), [{ op: "remove", path: "/components/2/props/a~1b" }]);
  assert.deepEqual(edits.set(tree, "2", ["props", "other"], undefined), []);
  it.done(edits.set(it.tree, "1", ["props", "constructor"], "own"));
  assert.equal(it.content.components[1].props.constructor, "own");
});

test("random edits keep the page whole, and everything where it was put", () => {
  const { below, from } = chance(11);
  const it = page();
  for (let step = 0; step < 400; step++) {
    const all = it.tree.below();
    const [one, parent] = [from(all), from(all)];
    const siblings = it.tree.childrenOf(parent).filter((id) => id !== one);
    const at = below(siblings.length + 1);
    if (step % 20 === 0 && one !== "1") it.done(edits.remove(it.tree, one));
    else if (step % 2 && one !== "1" && !it.tree.holds(one, parent)) {
      it.done(edits.move(it.tree, one, { parent, at }));
      assert.equal(it.tree.childrenOf(parent)[at], one);
    } else {
      const added = it.add("Text", parent, at);
      assert.equal(it.tree.childrenOf(parent)[at], added);
    }
  }
  assert.ok(it.tree.below().length > 20);
});

test("addresses that could run something lead nowhere", () => {
  const bad = ["javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "/\\evil.example", "\u2028javascript:x", "file:///etc/passwd", "https:", "https:e.example", "http:///x", "mailto:", "", 7, null, "x", `https://e.example/${"x".repeat(3000)}`];
  for (const address of bad) assert.equal(link(address), null, String(address));
  for (const address of ["https://a.example/x?y#z", "http://a.example", "mailto:a@b.example", "tel:+49", "/page/7", "#top", "?a=b"]) assert.equal(link(address), address);
  for (const address of ["http://a.example/x.png", "data:image/svg+xml;base64,AAAA", "data:image/png,x", "mailto:a@b.example", "#x", "javascript:1"]) assert.equal(picture(address), null, address);
  for (const address of ["https://a.example/x.png", "/x.png", "data:image/png;base64,AAAA"]) assert.equal(picture(address), address);
});

test("a table shows rows of objects or lists, those columns that are named, and says nothing of what is none", () => {
  assert.deepEqual(tableOf({ rows: [{ a: 1, b: "x" }, { b: [2], c: 3 }] }), { titles: ["a", "b"], rows: [["1", "x"], ["", "[2]"]] });
  assert.deepEqual(tableOf({ rows: '[[1,2]]', columns: ["x", { title: "y" }] }), { titles: ["x", "y"], rows: [["1", "2"]] });
  assert.deepEqual(tableOf({ rows: [{ constructor: 1 }, {}] }), { titles: ["constructor"], rows: [["1"], [""]] });
  assert.equal(tableOf({ rows: "{" }), null);
  assert.deepEqual(tableOf({}), { titles: [], rows: [] });
});

test("each kind has a name, an icon, and begins as a valid page; whatever is unknown is called by its name", () => {
  assert.ok(KINDS.filter(({ hidden }) => !hidden).length >= 12);
  assert.equal(new Set(KINDS.map(({ name }) => name)).size, KINDS.length);
  for (const { name, label, icon, begins, fields, writes } of KINDS) {
    assert.ok(label && icon, name);
    const it = page();
    it.done(edits.add(it.tree, { name, ...begins() }, { parent: "1", at: 0 }).patches);
    assert.ok(!writes || fields.some(({ prop }) => prop === writes), name);
  }
  assert.equal(kindOf("heading"), kindOf("Heading"));
  assert.deepEqual(labelOf({ id: 1, name: "Chart", props: { title: " a\n b " } }), { called: "Chart", text: "a b" });
});

test("what is pasted is a component, with nothing but its parts, or a text", () => {
  const copied = JSON.stringify({ "fechatter-component": { name: "Card", props: { title: "x" }, id: 7, children: [{ name: "Text" }, "x", null] } });
  assert.deepEqual(pastedFrom(copied), [{ name: "Card", props: { title: "x" }, children: [{ name: "Text", props: {}, children: [] }] }]);
  assert.deepEqual(pastedFrom('{"a": 1}'), [{ name: "Text", props: { text: '{"a": 1}' } }]);
  assert.deepEqual(pastedFrom("Hello"), [{ name: "Text", props: { text: "Hello" } }]);
  assert.deepEqual(pastedFrom(" \n"), []);
});

test("the history tells one's changes of a short time as one", () => {
  const touch = (id, change = "changed") => ({ component_id: id, change, name: "Text", label: null, members: [] });
  const edit = (version, userId, second, ...touches) => ({ version, user_id: userId, created_at: new Date(second * 1000).toISOString(), touches });
  const told = together([edit(5, 1, 300, touch("7")), edit(4, 1, 299, touch("7"), touch("8")), edit(3, 2, 298, touch("8")), edit(2, 2, 10, touch("8", "added"))]);
  assert.deepEqual(told.map(({ version, touches }) => [version, touches.length]), [[5, 2], [3, 1], [2, 1]]);
});
