import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { ACTIONS, TABLE } from "../boards/editing/actions.js";
import { commandsOf } from "../boards/editing/commands.js";
import { chooseCharacters, shown, shownKeys } from "../lib/actions.js";
import { listen } from "../lib/keyboard.js";

const page = { versions() {}, help() {}, "save-png": () => {}, "save-svg": () => {}, print() {} };
const PLACES = /** @type {const} */ (["board", "text"]);

/** A key that is pressed: "Control+Shift+z". */
function press(keys, more = {}) {
  const parts = keys.split(/\+(?=.)/);
  const has = (name) => parts.slice(0, -1).includes(name);
  return {
    key: parts.at(-1),
    ctrlKey: has("Control"),
    metaKey: has("Meta"),
    altKey: has("Alt"),
    shiftKey: has("Shift"),
    isComposing: false,
    getModifierState: () => false,
    ...more,
  };
}

const nameOf = (keys, place = "board", more = {}) => TABLE.actionOf(press(keys, more), place)?.name;

test("every action has a name of its own and a label, and a button or keys or both", () => {
  assert.equal(new Set(ACTIONS.map(({ name }) => name)).size, ACTIONS.length);
  const html = readFileSync(new URL("../boards/board.html", import.meta.url), "utf8");
  for (const { name, label, group, keys, icon } of ACTIONS) {
    assert.ok(label.trim(), name);
    assert.ok(group || keys?.length || html.includes(`data-action="${name}"`), `nobody can do ${name}`);
    if (group && name !== "zoom-fit") assert.ok(icon?.line || icon?.solid, `${name} has no icon`);
  }
});

test("no key has two meanings in one place", () => {
  for (const place of PLACES) {
    const keys = ACTIONS.filter(({ where = "board" }) => where === place || where === "anywhere").flatMap(({ keys: own = [] }) => own);
    assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
    assert.equal(TABLE.keysIn(place).size, keys.length);
  }
});

test("every action but the browser's own has a command, and there is no other", () => {
  const commands = commandsOf({ page });
  const own = ACTIONS.filter(({ native, where }) => !native && where !== "text").map(({ name }) => name);
  assert.deepEqual(Object.keys(commands).sort(), own.sort());
});

test("a viewer does nothing that takes an editor, by button or key", () => {
  let mayEdit = false;
  const done = [];
  const commands = Object.fromEntries(ACTIONS.map(({ name }) => [name, () => done.push(name)]));
  const perform = TABLE.performer(commands, () => mayEdit);
  for (const { name } of ACTIONS) perform(name);
  assert.deepEqual(done, ACTIONS.filter(({ needs }) => needs === "viewer").map(({ name }) => name));
  const editing = ["note", "rect", "line", "arrow", "text", "eraser", "write", "resize", "duplicate", "front", "back", "delete", "undo", "redo"];
  for (const edits of editing) assert.ok(!done.includes(edits), edits);
  mayEdit = true;
  perform("delete");
  assert.equal(done.at(-1), "delete");
  assert.throws(() => perform("nothing"));
});

test("a key that does nothing is left to the browser", () => {
  const listeners = [];
  globalThis.document = { addEventListener: (_, listener) => listeners.push(listener) };
  const elements = { selection: new Set(), around: () => null };
  const [panned, steps] = [[], []];
  const view = { pan: (...by) => panned.push(by), reveal() {} };
  const board = { step: () => steps.push(1), update() {}, read: (id) => ({ id, kind: "rect", x: 0, y: 0, w: 9, h: 9 }) };
  const tools = { mayEdit: false };
  listen(TABLE, TABLE.performer(commandsOf({ page, elements, view, board, tools }), () => tools.mayEdit), new Set());
  const taken = (keys) => {
    const event = { ...press(keys), target: { closest: () => null }, defaultPrevented: false, preventDefault: () => (event.defaultPrevented = true) };
    listeners[0](event);
    return event.defaultPrevented;
  };
  assert.equal(taken("Alt+ArrowLeft"), false); // back, to a viewer
  assert.equal(taken("Delete"), false);
  assert.equal(taken("ArrowLeft"), true); // which moves the view
  elements.selection.add(1);
  assert.equal(taken("ArrowLeft"), false);
  tools.mayEdit = true;
  assert.equal(taken("Alt+ArrowLeft"), true);
  assert.equal(taken("ArrowLeft"), true);
  elements.selection.clear();
  assert.equal(taken("Alt+ArrowLeft"), false); // there is nothing to resize
  assert.deepEqual([panned.length, steps.length], [1, 2]);
});

test("keys mean what the table says, whatever the keyboard", () => {
  for (const place of PLACES) {
    for (const [key, { name }] of TABLE.keysIn(place)) {
      const pressed = key.replace("Plus", "+").replace("Space", " ");
      assert.equal(nameOf(pressed, place), name, key);
      assert.equal(nameOf(pressed.replace("Control", "Meta"), place), name, key);
    }
  }
  assert.equal(nameOf("n"), "note"); // as it comes without caps lock
  assert.equal(nameOf("Shift+N"), "note");
  assert.equal(nameOf("Shift+?"), "help"); // which no keyboard has without Shift
  assert.equal(nameOf("Control+z"), "undo");
  assert.equal(nameOf("Control+Shift+Z"), "redo");
  assert.equal(nameOf("Control+Shift+D"), "duplicate");
  assert.equal(nameOf("Alt+Shift+ArrowUp"), "resize");
  const altGr = { ctrlKey: true, altKey: true, getModifierState: (name) => name === "AltGraph" };
  assert.equal(nameOf("[", "board", altGr), "back"); // as a German keyboard has it
});

test("what it does not say is left to the browser", () => {
  for (const keys of ["Control+n", "Alt+v", "q", "F5", "Control+Alt+z", "Control+-"]) assert.equal(nameOf(keys), undefined, keys);
  assert.equal(nameOf("n", "text"), undefined);
  assert.equal(nameOf("Delete", "text"), undefined);
});

test("a key that an input method takes has no meaning of its own", () => {
  assert.equal(nameOf("Enter", "board", { isComposing: true }), undefined);
  assert.equal(nameOf("Escape", "text", { keyCode: 229 }), undefined); // Safari, after the composing
});

test("keys are shown as they are on the keyboard", () => {
  assert.equal(shown("Control+Shift+Z", false), "Ctrl + Shift + Z");
  assert.equal(shown("Control+Z", true), "⌘ + Z");
  assert.equal(shown("Plus", false), "+");
  for (const action of ACTIONS) assert.equal(Boolean(shownKeys(action)), Boolean(action.keys), action.name);
});

test("no other file of the board has keys of its own", () => {
  const folder = new URL("../boards/", import.meta.url);
  const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => /\.(js|html)$/.test(file));
  assert.ok(files.length > 25);
  for (const file of files.filter((one) => one !== "editing/actions.js")) {
    const text = readFileSync(new URL(file, folder), "utf8");
    assert.doesNotMatch(text, /\.key\b\s*(===|!==|\))|aria-keyshortcuts="|title="[^"]*\([^)]\)|\bkeyCode\b|case "(Enter|Escape)"/, file);
  }
});

test("keys that type a character can be switched off; others act all the same", () => {
  const kept = new Map();
  const localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true });
  const [letter] = TABLE.actions.flatMap(({ keys = [], where }) => (where === undefined ? keys.filter((key) => /^[A-Z]$/.test(key)) : []));
  assert.ok(nameOf(letter));
  chooseCharacters(false);
  assert.equal(nameOf(letter), undefined);
  assert.equal(nameOf("?"), undefined);
  assert.equal(nameOf("Delete"), "delete");
  assert.equal(nameOf("Control+z"), "undo");
  chooseCharacters(true);
  assert.ok(nameOf(letter));
});
