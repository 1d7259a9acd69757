import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { findMentions } from "../lib/mentions.js";

const MEMBERS = new Set(["bob", "carol", "kim", "ann_", "o.neil", "x-1"]); // and alice, who writes
const isMember = (name) => MEMBERS.has(name);

for (const [text, names, everyone = null] of JSON.parse(readFileSync(new URL("../../docs/mentions.json", import.meta.url), "utf8")))
  test(`mentions in ${JSON.stringify(text)}`, () => {
    const found = findMentions(text, isMember);
    assert.deepEqual([found.names.toSorted?.() ?? [...found.names].sort(), found.everyone], [[...names].sort(), everyone]);
  });

test("at most fifty are mentioned, and a long text takes no time", () => {
  const many = Array.from({ length: 200 }, (_, place) => `@user${place}`).join(" ");
  assert.equal(findMentions(many, () => true).names.length, 50);
  const begun = process.cpuUsage();
  findMentions(`${"`".repeat(50_000)}${"_".repeat(50_000)}${"> ".repeat(50_000)}`, isMember);
  assert.ok(process.cpuUsage(begun).user < 2_000_000);
});
