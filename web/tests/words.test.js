import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { CHINESE as DOCUMENTS } from "../documents/chinese.js";
import { CHINESE as EDITOR } from "../pages/chinese.js";
import { CHINESE as DOOR } from "../signin/chinese.js";

const web = new URL("../", import.meta.url);
const textOf = (/** @type {string} */ file) => readFileSync(new URL(file, web), "utf8");
const modulesOf = (/** @type {string} */ folder) =>
  readdirSync(new URL(folder, web), { recursive: true }).map((file) => `${folder}/${file}`).filter((file) => file.endsWith(".js") && !file.endsWith("chinese.js"));

/** Whose words are in which catalogue. */
const PARTS = [
  { called: "the editor", chinese: EDITOR, modules: modulesOf("pages"), html: ["pages/page.html"], least: 150 },
  { called: "lists, sharing and invites", chinese: DOCUMENTS, modules: [...modulesOf("documents"), "invite/invite.js"], html: ["documents/share.html", "documents/shelf.html", "invite/invite.html"], least: 60 },
  { called: "the pages that let people in", chinese: DOOR, modules: modulesOf("signin"), html: ["address", "authorize", "carry", "reset", "signin"].map((name) => `signin/${name}.html`), least: 100 },
];

/** What is said anywhere: in the modules, and in the HTML. @param {{ chinese: Record<string, string>, modules: string[], html: string[] }} part */
function said({ chinese, modules, html }) {
  const found = new Set();
  for (const file of modules) {
    const text = textOf(file);
    for (const [, english] of text.matchAll(/\bsay\(\s*"((?:[^"\\]|\\.)*)"/g)) found.add(english);
    // Messages that are chosen before they are said.
    for (const [, english] of text.matchAll(/"([^"\n]*\{\w+\}[^"\n]*)"/g)) if (Object.hasOwn(chinese, english)) found.add(english);
  }
  for (const file of html) {
    for (const [tag, text] of textOf(file).matchAll(/<[^>]*data-say[^>]*>([^<]*)/g)) {
      if (text.trim() && !text.includes("$")) found.add(text.trim());
      for (const [, name] of tag.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]+)"/g)) found.add(name);
    }
  }
  for (const message of ["op-patch", "sync"]) found.delete(message); // which a replica says to its server
  return found;
}

for (const part of PARTS) {
  test(`everything that ${part.called} say is there in Chinese, with the same names in it, and nothing else is`, () => {
    const english = said(part);
    assert.ok(english.size >= part.least);
    assert.deepEqual(Object.keys(part.chinese).sort(), [...english].sort());
    const names = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [text, chinese] of Object.entries(part.chinese)) assert.deepEqual(names(chinese), names(text), text);
  });

  test(`no words of ${part.called} are left out of that`, () => {
    const html = part.html.map(textOf).join("");
    const untranslated = [...html.matchAll(/<(?!title)[a-z][^>]*>([^<$]*[a-z][^<$]*)/gi)].filter(([tag, text]) => text.trim() && !tag.includes("data-say"));
    assert.deepEqual(untranslated.map(([, text]) => text.trim()), []);
    const unnamed = [...html.matchAll(/<[^>]*(?:aria-label|title)="[^>]*>/g)].filter(([tag]) => !tag.includes("data-say"));
    assert.deepEqual(unnamed, []);
  });
}

test("Chinese speaks to its readers in one form, the polite one", () => {
  const files = ["documents", "signin", "pages", "chat/words", "admin/words", "published", "invite", "errors"].flatMap((folder) =>
    readdirSync(new URL(folder, web), { recursive: true }).map((file) => `${folder}/${file}`).filter((file) => /\.(js|html)$/.test(file)),
  );
  assert.ok(files.some((file) => textOf(file).includes("您")));
  assert.deepEqual(files.filter((file) => textOf(file).includes("你")), []);
});
