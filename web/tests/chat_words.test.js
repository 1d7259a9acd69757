import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { catalogue, WORDS } from "../chat/words/rows.js";
import { bytesInWords, speaker } from "../lib/words.js";

const folder = new URL("../chat/", import.meta.url);
const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith(".js") && !file.startsWith("words/"));
const sources = new Map(files.concat("words/dates.js").map((file) => [file, readFileSync(new URL(file, folder), "utf8")]));

/** The names of a message's values, and of its plurals the categories. */
function shapeOf(message) {
  const names = new Set();
  for (const [, name] of message.matchAll(/\{(\w+)[,}]/g)) names.add(name);
  return [...names].sort();
}

test("each row has words in both languages, with the same values in them", () => {
  for (const [key, row] of Object.entries(WORDS)) {
    assert.equal(row.length, 2, key);
    assert.ok(row.every((text) => text.trim() === text && text.length > 0), key);
    assert.deepEqual(shapeOf(row[1]), shapeOf(row[0]), key);
    assert.ok(row[0] === row[1] || /\p{Script=Han}/u.test(row[1]), `${key} is not Chinese`);
    for (const [at, language] of /** @type {const} */ (["en", "zh"]).entries()) {
      const values = Object.fromEntries(shapeOf(row[at]).map((name) => [name, 2]));
      assert.ok(speaker(catalogue(language), language)(key, values), `${key} in ${language}`);
    }
  }
});

test("all that the page says is in the catalogue, and nothing else is", () => {
  const said = new Set();
  for (const [file, source] of sources) {
    for (const [, key] of source.matchAll(/"([a-z][A-Za-z]*\.[A-Za-z]+)"/g)) if (key in WORDS) said.add(key);
    for (const [, key] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) assert.ok(key in WORDS, `${file}: ${key}`);
  }
  assert.deepEqual(Object.keys(WORDS).filter((key) => !said.has(key)), []);
});

test("plurals are chosen as the language does, numbers are written as it does", () => {
  const say = speaker({ files: "{n, plural, =0 {nothing} one {# file of {who}} other {# files of {who}}}" }, "en");
  assert.deepEqual([0, 1, 1234].map((n) => say("files", { n, who: "Ada" })), ["nothing", "1 file of Ada", "1,234 files of Ada"]);
  assert.throws(() => say("files", { who: "Ada" }), /needs n/);
  assert.throws(() => say("other"), /no words for other/);
  assert.equal(speaker({ files: "{n, plural, other {# 个文件}}" }, "zh")("files", { n: 1 }), "1 个文件");
});

test("where there is little room a time of today is told, and of other days their date", async () => {
  const { briefOf, timeOf } = await import("../chat/words/dates.js");
  const now = new Date(2026, 10, 29, 20, 0);
  const at = [new Date(2026, 10, 29, 9, 5), new Date(2026, 10, 28, 23, 59), new Date(2025, 10, 29, 20, 0)];
  assert.deepEqual(at.map((one) => briefOf(one, now)), [timeOf(at[0]), "Nov 28", "Nov 29, 2025"]);
});

test("sizes are told in steps of 1024, as quotas are", () => {
  assert.deepEqual([0, 1, 1023, 1536, 10 * 1024 ** 2, 2.5 * 1024 ** 4].map((n) => bytesInWords(n, "en")), ["0 bytes", "1 byte", "1,023 bytes", "1.5 kB", "10 MB", "2.5 TB"]);
  assert.deepEqual([7, 1024 ** 3].map((n) => bytesInWords(n, "zh-Hans")), ["7字节", "1 GB"]);
});
