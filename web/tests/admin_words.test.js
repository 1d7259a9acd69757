import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { catalogue, WORDS } from "../admin/words/rows.js";
import { speaker } from "../lib/words.js";

const folder = new URL("../admin/", import.meta.url);
const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith(".js") && !file.startsWith("words/"));
const source = files.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");

/** The names of a message's values. */
const valuesOf = (message) => [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name))].sort();

test("each row has words in both languages, with the same values in them", () => {
  for (const [key, row] of Object.entries(WORDS)) {
    assert.equal(row.length, 2, key);
    assert.ok(row.every((text) => text.trim() === text && text.length > 0), key);
    assert.deepEqual(valuesOf(row[1]), valuesOf(row[0]), key);
    assert.match(row[1], /\p{Script=Han}|^\{/u, key);
    for (const [at, language] of /** @type {const} */ (["en", "zh"]).entries()) {
      assert.ok(speaker(catalogue(language), language)(key, Object.fromEntries(valuesOf(row[at]).map((name) => [name, 2]))), `${key} in ${language}`);
    }
  }
});

test("all that the pages say is in the catalogue, and nothing else is", () => {
  const said = new Set([...source.matchAll(/"([a-z][A-Za-z]*\.\w+)"/g)].map(([, key]) => key));
  for (const [, key] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) assert.ok(key in WORDS, key);
  // t(`rules.${one}_hint`): some row must be meant.
  const formed = [...source.matchAll(/`([a-z]+\.\w*)\$\{[^`]*?\}(\w*)`/g)].map(([, before, after]) => [before, after]);
  for (const [before, after] of formed) assert.ok(Object.keys(WORDS).some((key) => key.startsWith(before) && key.endsWith(after)), before + after);
  const unsaid = Object.keys(WORDS).filter((key) => !said.has(key) && !formed.some(([before, after]) => key.startsWith(before) && key.endsWith(after)));
  assert.deepEqual(unsaid, []);
});
