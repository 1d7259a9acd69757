import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { CHINESE } from "../pages/chinese.js";

const folder = new URL("../pages/", import.meta.url);
const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith(".js"));
const html = readFileSync(new URL("page.html", folder), "utf8");

/** What is said anywhere: in the modules, and in the page's HTML. */
function said() {
  const found = new Set();
  for (const file of files) {
    for (const [, text] of readFileSync(new URL(file, folder), "utf8").matchAll(/\bsay\("((?:[^"\\]|\\.)*)"/g)) found.add(text);
  }
  for (const [tag, text] of html.matchAll(/<[^>]*data-say[^>]*>([^<]*)/g)) {
    if (text.trim()) found.add(text.trim());
    for (const [, name] of tag.matchAll(/(?:aria-label|title|placeholder)="([^"]*)"/g)) found.add(name);
  }
  for (const message of ["op-patch", "sync"]) found.delete(message); // which a replica says to its server
  return found;
}

test("everything that the editor says is there in Chinese, with the same names in it, and nothing else is", () => {
  const english = said();
  assert.ok(english.size > 150);
  assert.deepEqual(Object.keys(CHINESE).sort(), [...english].sort());
  const names = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [text, chinese] of Object.entries(CHINESE)) assert.deepEqual(names(chinese), names(text), text);
});

test("no words of the page are left out of that", () => {
  const untranslated = [...html.matchAll(/<(?!title)[a-z][^>]*>([^<$]*[a-z][^<$]*)/gi)].filter(([tag, text]) => text.trim() && !tag.includes("data-say"));
  assert.deepEqual(untranslated.map(([, text]) => text.trim()), []);
  const unnamed = [...html.matchAll(/<[^>]*(?:aria-label|title)="[^>]*>/g)].filter(([tag]) => !tag.includes("data-say"));
  assert.deepEqual(unnamed, []);
});
