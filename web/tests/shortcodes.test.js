import assert from "node:assert/strict";
import { test } from "node:test";

import { Page } from "./browser.js";

new Page(); // which modules want as they are loaded
const { emojiBefore, withEmoji } = await import("../chat/composer/emoji/shortcodes.js");
const { sender } = await import("../chat/composer/sending.js");
const custom = new Map([["party_parrot", 1], ["rocket", 2]]);

test("what is sent has emoji in place of their names, and code as it was written", async () => {
  // The first one waits for the table, the others do not.
  assert.ok(withEmoji(":tada:", undefined) instanceof Promise);
  assert.equal(await withEmoji("well :tada:!", undefined), "well 🎉!");
  const becomes = { ":tada::rocket:": "🎉🚀", "好:+1:的": "好👍️的", "（:+1:）": "（👍️）", "at 10:30:45": "at 10:30:45", "a:tada:": "a:tada:", ":tada:b": ":tada:b",
    "https://a.org/:tada:": "https://a.org/:tada:", "\\:tada:": "\\:tada:", ":no_such_emoji:": ":no_such_emoji:", "`:tada:` :tada:": "`:tada:` 🎉",
    "`` a`:tada: `` :tada:": "`` a`:tada: `` 🎉", "`:tada:": "`🎉", "```\n:tada:\n```\n:tada:": "```\n:tada:\n```\n🎉", "~~~\n:tada:\n```\n:tada:": "~~~\n:tada:\n```\n:tada:", "no emoji": "no emoji" };
  for (const [text, wanted] of Object.entries(becomes)) assert.equal(await withEmoji(text, undefined), wanted, text);
  assert.equal(withEmoji(":rocket: :party_parrot: :tada:", custom), ":rocket: :party_parrot: 🎉", "a workspace's own are not replaced");
});

test("a name becomes its emoji as soon as it is complete at the cursor", async () => {
  const at = async (text) => {
    const [before, after] = text.split("|");
    const change = await emojiBefore(before + after, before.length, custom);
    return change && `${before.slice(0, change.from)}${change.insert}|${after}`;
  };
  assert.equal(await at("so :tada:| then"), "so 🎉| then");
  assert.equal(await at(":tada:|"), "🎉|");
  for (const text of ["`:tada:|", "`:tada:|`", "```\n:tada:|", ":rocket:|", ":tada|:", "a:tada:|", "::|", ":nothing:|"]) assert.equal(await at(text), null, text);
  assert.equal(await at("`a` :tada:|"), "`a` 🎉|");
});

test("messages keep their order while the first waits for its emoji", async () => {
  const sent = [];
  const model = { send: (chatId, { content }) => sent.push(content) };
  const attachments = { take: () => [], items: { peek: () => [] } };
  let give;
  const waiting = new Promise((resolve) => (give = resolve));
  const post = sender({ model, chatId: 1, attachments, custom: () => undefined, clear: () => {}, fail: assert.fail, emojiIn: (text) => (text === "first" ? waiting : text) });
  post("first");
  post("second");
  assert.deepEqual(sent, []);
  give("🎉");
  await new Promise(setImmediate);
  assert.deepEqual(sent, ["🎉", "second"]);
  post("third ");
  assert.deepEqual(sent, ["🎉", "second", "third"]);
});
