import assert from "node:assert/strict";
import { test } from "node:test";

import "./crypto.js";
import { BoardDocument, COLOURS, drawable, MOST_PICTURE, MOST_TEXT, shortened } from "../boards/content/document.js";
import { asText, parsed } from "../boards/editing/clipboard.js";
import { Y } from "../vendor/yjs.js";
import { chance } from "./chance.js";

const place = { x: 1, y: 2, w: 200, h: 100 };

test("what anybody could have written into a board is drawn within bounds, or not at all", () => {
  const { from } = chance(5);
  const values = [undefined, null, NaN, Infinity, -1e99, 1e99, 0, 7.5, "", "note", "line", "picture", "arrow", "yellow", [], [1], [1, "2", null, 4], {}, new Uint8Array(3), "x".repeat(20_000), Symbol.iterator, () => {}];
  const kinds = ["note", "rect", "text", "line", "picture", "script", null];
  let drawn = 0;
  for (let round = 0; round < 20_000; round++) {
    const keys = ["x", "y", "z", "w", "h", "colour", "width", "end", "type", "data", "points"];
    const shape = drawable({ ...Object.fromEntries(keys.map((key) => [key, from(values)])), text: from(["", "hello", "x".repeat(20_000)]), kind: from(kinds) });
    if (shape === null) continue;
    drawn++;
    for (const key of ["x", "y", "z", "w", "h"]) assert.ok(Number.isFinite(shape[key]) && Math.abs(shape[key]) <= 2 ** 30, `${key}: ${shape[key]}`);
    assert.ok(COLOURS.includes(shape.colour) && shape.text.length <= MOST_TEXT);
    if (shape.kind === "line") assert.ok(shape.points.every((number) => Number.isFinite(number)) && shape.width <= 64);
  }
  assert.ok(drawn > 1000);
});

test("a picture is one of the known types, and not too large", () => {
  const picture = { kind: "picture", type: "image/png", data: new Uint8Array(4), w: 10, h: 10 };
  assert.equal(drawable(picture).data.length, 4);
  assert.equal(drawable({ ...picture, type: "image/svg+xml" }), null);
  assert.equal(drawable({ ...picture, data: new Uint8Array(MOST_PICTURE + 1) }), null);
  assert.equal(drawable({ ...picture, data: "bytes" }), null);
});

test("elements keep the order in which they were made, also those of one moment", () => {
  const board = new BoardDocument();
  const ids = board.insert(Array.from({ length: 50 }, (_, at) => ({ kind: "note", text: String(at), ...place })));
  assert.deepEqual([...ids].sort(), ids);
  assert.deepEqual(ids.map((id) => board.read(id).text), ids.map((_, at) => String(at)));
  assert.deepEqual(ids.map((id) => board.read(id).z), ids.map((_, at) => at + 1));
});

test("to the front and to the back they keep the order among themselves", () => {
  const board = new BoardDocument();
  const [a, b, c, d] = board.insert(["a", "b", "c", "d"].map((text) => ({ kind: "note", text, ...place })));
  const order = () => [a, b, c, d].sort((one, other) => board.read(one).z - board.read(other).z);
  board.restack([b, a], true);
  assert.deepEqual(order(), [c, d, a, b]);
  board.restack([d, a], false);
  assert.deepEqual(order(), [d, a, c, b]);
});

test("one's own steps are undone one by one, and what others did stays", () => {
  const [mine, theirs] = [new BoardDocument(), new BoardDocument()];
  for (const [from, to] of [[mine, theirs], [theirs, mine]]) from.doc.on("update", (update, origin) => origin !== "sync" && Y.applyUpdate(to.doc, update, "sync"));
  const id = mine.add("note", place);
  mine.step();
  mine.update([[id, { x: 50 }]]);
  mine.update([[id, { y: 60 }]]); // the same step
  theirs.update([[id, { colour: "pink" }]]);
  const other = theirs.add("rect", place);
  mine.history.undo();
  assert.deepEqual([mine.read(id).x, mine.read(id).y, mine.read(id).colour], [1, 2, "pink"]);
  mine.history.redo();
  assert.equal(theirs.read(id).x, 50);
  mine.history.undo();
  mine.history.undo();
  assert.equal(mine.read(id), null);
  assert.notEqual(mine.read(other), null);
});

test("it reports which elements have changed, the gone ones too", () => {
  const board = new BoardDocument();
  const heard = [];
  board.observe((ids) => heard.push(...ids));
  const id = board.add("note", place);
  board.text(id).insert(0, "hi");
  board.remove([id]);
  assert.deepEqual(heard, [id, id, id]);
});

test("a line that is drawn grows, and is drawn anew from where it began", () => {
  const board = new BoardDocument();
  const id = board.add("line", { x: 0, y: 0, width: 4, points: [0, 0] });
  board.lengthen(id, [10, -10, 20, 5]);
  const { left, top, w, h, points } = board.read(id);
  assert.deepEqual([left, top, w, h, points], [0, -10, 20, 15, [0, 0, 10, -10, 20, 5]]);
  board.point(id, 3, 4);
  assert.deepEqual(board.read(id).points, [0, 0, 3, 4]);
  board.lengthen("none", [1, 1]);
});

test("a text that is cut off says so", () => {
  assert.equal(shortened("12345", 5), "12345");
  assert.equal(shortened("123456", 5), "1234…");
});

test("what is copied can be pasted as it was, pictures too", () => {
  const board = new BoardDocument();
  const data = Uint8Array.from({ length: 20_000 }, (_, at) => at % 256);
  const ids = board.insert([{ kind: "note", text: "hé 你好", ...place }, { kind: "picture", type: "image/png", data, ...place }, { kind: "line", points: [0, 0, 5, 5], x: 1, y: 1 }]);
  const shapes = ids.map((id) => board.read(id));
  const copies = board.insert(parsed(asText(shapes))).map((id) => board.read(id));
  const bare = ({ id: _id, z: _z, ...rest }) => rest;
  assert.deepEqual(copies.map(bare), shapes.map(bare));
});

test("what makes no sense is not pasted, and not too much of what does", () => {
  for (const text of ["", "{", "null", "7", "{}", '[{"x":"1","y":2}]', '[{"x":1,"y":2,"data":7}]', "[null]"]) assert.deepEqual(parsed(text), [], text);
  assert.equal(parsed(JSON.stringify(Array.from({ length: 3000 }, () => ({ kind: "note", x: 1, y: 2 })))).length, 1000);
});
