import assert from "node:assert/strict";
import { test } from "node:test";

import { Page } from "./browser.js";

import { awayIn } from "../chat/composer/durations.js";
import { begunAt, chatAsText, completed } from "../chat/composer/completion.js";
import { best, learnPinyin } from "../chat/matching/matching.js";
import { linked, linkedByPasting, wrapped } from "../chat/composer/wrapping.js";
import { COMMANDS, commandIn, Misused, unescaped } from "../chat/composer/commands.js";
import { chosenTone, customEmoji, emojiTable, foundEmoji, recentEmoji, rememberEmoji, toned } from "../chat/composer/emoji/emoji.js";
import { moved } from "../chat/composer/emoji/picker.js";
import { parse } from "../chat/text/grammar.js";

/** A text with what is selected between |, or the cursor at one. */
function marked(text) {
  const [before, selected, after] = text.split("|");
  return after === undefined ? [before + selected, before.length, before.length] : [before + selected + after, before.length, before.length + selected.length];
}

/** What a change makes of it, in the same form. */
function changed([text], { from, to, insert, select: [start, end] }) {
  const now = text.slice(0, from) + insert + text.slice(to);
  return start === end ? `${now.slice(0, start)}|${now.slice(start)}` : `${now.slice(0, start)}|${now.slice(start, end)}|${now.slice(end)}`;
}

const wrap = (text, mark) => changed(marked(text), wrapped(...marked(text), mark));
const link = (text) => changed(marked(text), linked(...marked(text)));
const paste = (text, pasted) => {
  const change = linkedByPasting(...marked(text), pasted);
  return change && changed(marked(text), change);
};

test("Ctrl+B and Ctrl+I put marks around words, and take them away again", () => {
  assert.equal(wrap("a |word| b", "**"), "a **|word|** b");
  assert.equal(wrap("a **|word|** b", "**"), "a |word| b");
  assert.equal(wrap("a |**word**| b", "**"), "a |word| b");
  assert.equal(wrap("a **|word|** b", "*"), "a ***|word|*** b", "bold is not italic");
  assert.equal(wrap("a ***|word|*** b", "*"), "a **|word|** b");
  assert.equal(wrap("a ***|word|*** b", "**"), "a *|word|* b");
  assert.equal(wrap("a | word | b", "*"), "a  *|word|*  b", "spaces at its ends would make it no emphasis");
  assert.equal(wrap("请|注意|：今天", "**"), "请**|注意|**：今天");
  assert.equal(wrap("a |", "**"), "a **|**");
  assert.equal(wrap("a **|**", "**"), "a |");
});

test("Ctrl+K and a pasted address make links that the grammar reads", () => {
  assert.equal(link("see |this| now"), "see [this](|) now");
  assert.equal(link("see |https://a.org/b| now"), "see [|](https://a.org/b) now");
  assert.equal(paste("see |this| now", "https://a.org/b_(c)\n"), "see [this](https://a.org/b_%28c%29)| now");
  const [{ content }] = parse("[this](https://a.org/b_%28c%29)");
  assert.equal(content[0].href, "https://a.org/b_%28c%29");
  for (const [text, pasted] of [["see |", "https://a.org"], ["|a|", "javascript:alert(1)"], ["|https://b.org|", "https://a.org"], ["|a\nb|", "https://a.org"],
    ["`|a|`", "https://a.org"], ["```\n|a|", "https://a.org"], ["|a|", "two words"]]) assert.equal(paste(text, pasted), null, text);
});

test("what is begun at the cursor is a name, a chat, an emoji or a command", () => {
  const at = (text) => {
    const [whole, cursor] = marked(text);
    const found = begunAt(whole, cursor);
    return found && `${found.subject} ${found.typed} ${found.from}-${found.to}`;
  };
  assert.equal(at("hi @ad|"), "person ad 3-6");
  assert.equal(at("@|"), "person  0-1");
  assert.equal(at("你好@张|"), "person 张 2-4");
  assert.equal(at("mail ada@ex|"), null);
  assert.equal(at("see #gen|eral"), "chat gen 4-8");
  assert.equal(at("看#产|"), "chat 产 1-3");
  assert.equal(at("a#b|"), null);
  assert.equal(at("so :smi|"), "emoji smi 3-7");
  assert.equal(at("so :s|"), null, "one letter is a smiley more often");
  assert.equal(at("好的：笑|"), null, "a colon after a word is punctuation");
  assert.equal(at("：笑|"), "emoji 笑 0-2");
  assert.equal(at("at 10:30|"), null);
  assert.equal(at("http://|"), null);
  assert.equal(at("/to|"), "command to 0-3");
  assert.equal(at("a /to|"), null);
  assert.equal(at("/usr/bin|"), null);
  assert.equal(at("`@ad|"), null);
  assert.equal(at("```\n@ad|"), null);
  assert.equal(at("`x` @ad|"), "person ad 4-7");
  const [text, cursor] = marked("hi @ad|, you");
  assert.equal(changed([text], completed(text, begunAt(text, cursor), "@ada")), "hi @ada |, you");
  const [spaced, end] = marked("hi @ad| you");
  assert.equal(changed([spaced], completed(spaced, begunAt(spaced, end), "@ada")), "hi @ada |you");
});

test("a chat is named in a form that the grammar reads", () => {
  assert.equal(chatAsText({ id: 7, name: "general" }), "#general");
  assert.equal(chatAsText({ id: 7, name: "产品讨论" }), "#产品讨论");
  assert.equal(chatAsText({ id: 7, name: "quiet [room]" }), "[#quiet \\[room\\]](/chat/7)");
  const [{ content }] = parse(chatAsText({ id: 7, name: "quiet [room]" }));
  assert.equal(content[0].href, "/chat/7");
  assert.equal(parse("#产品讨论")[0].content[0].type, "channel");
});

test("names are found by their beginnings first, in any script, Chinese ones by pinyin", async () => {
  const names = ["Grace Hopper", "Ada Lovelace", "José Ángel", "张伟", "王小明", "김민수", "Ｆｕｌｌ"];
  await learnPinyin(names);
  const found = (typed) => best(names, typed, (name) => [name], 3);
  assert.deepEqual(found("hop"), ["Grace Hopper"]);
  assert.deepEqual(found("jose"), ["José Ángel"]);
  assert.deepEqual(found("张"), ["张伟"]);
  assert.deepEqual(found("zhangw"), ["张伟"]);
  assert.deepEqual(found("wxm"), ["王小明"]);
  assert.deepEqual(found("小"), ["王小明"]);
  assert.deepEqual(found("김"), ["김민수"]);
  assert.deepEqual(found("full"), ["Ｆｕｌｌ"]);
  assert.deepEqual(found("l")[0], "Ada Lovelace", "a word's beginning comes before its inside");
});

test("commands are what begins with a slash and a word, and become requests", async () => {
  assert.equal(commandIn("/usr/bin/env"), null);
  assert.equal(commandIn("hello /topic"), null);
  assert.equal(commandIn("//topic"), null);
  assert.equal(unescaped("//topic"), "/topic");
  assert.equal(commandIn("/nothing at all").command, null);
  assert.equal(commandIn("/TOPIC  a b ").rest, "a b");
  const asked = [];
  const model = { chat: () => ({ peek: () => ({ workspace_id: 1 }) }), mute: (id, until) => asked.push(["mute", id, until]) };
  const call = (...request) => {
    asked.push(request);
    return Promise.resolve();
  };
  const list = async () => [{ id: 5, username: "Grace" }];
  const run = async (text) => {
    const { command, rest } = commandIn(text);
    asked.length = 0;
    await command.run({ model, chatId: 3, rest, call, list, send: (content) => asked.push(content), openPane: (...pane) => asked.push(pane) });
    return asked;
  };
  assert.deepEqual(await run("/topic Ships"), [["PUT", "/chats/3", { description: "Ships" }]]);
  assert.deepEqual(await run("/invite @grace"), [["POST", "/chats/3/members", { user_id: 5 }]]);
  await assert.rejects(run("/invite @nobody"), Misused);
  assert.deepEqual(await run("/leave"), [["POST", "/chats/3/leave"]]);
  assert.deepEqual(await run("/unmute"), [["mute", 3, null]]);
  assert.match((await run("/mute 2h"))[0][2], /^\d{4}-.*Z$/);
  await assert.rejects(run("/mute soon"), Misused);
  assert.deepEqual(await run("/status 🧑‍💻 at work"), [["PUT", "/users/me/status", { text: "at work", emoji: "🧑‍💻" }]]);
  assert.deepEqual(await run("/status 开会"), [["PUT", "/users/me/status", { text: "开会", emoji: null }]]);
  assert.deepEqual(await run("/status"), [["PUT", "/users/me/status", { text: null, emoji: null }]]);
  assert.deepEqual(await run("/shrug well"), ["well ¯\\_(ツ)_/¯"]);
  assert.deepEqual(await run("/search red boat"), [["search", "red boat"]]);
  assert.equal(COMMANDS.length, 8);
  assert.equal(awayIn("90m", 0), 5_400_000);
  assert.equal(awayIn("2 小时", 0), 7_200_000);
  for (const wrong of ["0h", "9999w", "h", "5y"]) assert.equal(awayIn(wrong, 0), null);
});

test("emoji are found in two languages, come in skin tones, and include those of a workspace", async () => {
  const [english, chinese] = await Promise.all([emojiTable("en"), emojiTable("zh")]);
  assert.equal(english.length, chinese.length);
  assert.ok(english.length > 1800);
  const first = (all, typed) => foundEmoji(all, typed)[0]?.text;
  assert.equal(first(english, "tada"), "🎉");
  assert.equal(first(english, ":+1:"), "👍️");
  assert.equal(first(english, "germany"), "🇩🇪");
  assert.equal(first(english, "smile cat"), "😸");
  assert.equal(first(chinese, "赞"), "👍️");
  assert.equal(first(chinese, "tada"), "🎉");
  assert.equal(first(chinese, "德国"), "🇩🇪");
  assert.equal(foundEmoji(english, "笑").length, 0);
  assert.ok(foundEmoji(english, "heart").length > 20);
  const named = (code) => english.find(({ codes }) => codes.includes(code));
  assert.equal(toned(named("wave"), 3), "👋🏽");
  assert.equal(toned(named("man_technologist"), 5), "👨🏿‍💻");
  assert.equal(toned(named("tada"), 5), "🎉");
  assert.deepEqual(customEmoji([["party_parrot", { file_id: 9 }]]).map(({ text, picture }) => [text, picture]), [[":party_parrot:", "/api/files/9"]]);
  assert.equal(first([...customEmoji([["party_parrot", { file_id: 9 }]]), ...english], "parrot"), "🦜");
  new Page();
  rememberEmoji("🎉");
  rememberEmoji("👋🏽");
  rememberEmoji("🎉");
  assert.deepEqual(recentEmoji(), ["🎉", "👋🏽"]);
  assert.equal(chosenTone(), 0);
});

test("keys move in the grid of emoji by rows of parts that end anywhere", () => {
  const parts = [11, 8, 3].map((amount) => ({ emoji: Array(amount).fill({}) })); // rows: 0–7, 8–10 | 11–18 | 19–21
  const to = (at, key) => moved(parts, at, key);
  assert.deepEqual([to(0, "ArrowRight"), to(10, "ArrowRight"), to(21, "ArrowRight"), to(0, "ArrowLeft")], [1, 11, 21, 0]);
  assert.deepEqual([to(1, "ArrowDown"), to(7, "ArrowDown"), to(9, "ArrowDown"), to(18, "ArrowDown"), to(20, "ArrowDown")], [9, 10, 12, 21, 20]);
  assert.deepEqual([to(3, "ArrowUp"), to(9, "ArrowUp"), to(18, "ArrowUp")], [-1, 1, 10]);
  assert.deepEqual([to(13, "Home"), to(13, "End"), to(0, "PageDown"), to(21, "PageUp")], [11, 18, 19, 2]);
  assert.equal(to(3, "a"), null);
  assert.equal(moved(parts, 3, "ArrowRight", true), 2, "in a script from the right");
});
