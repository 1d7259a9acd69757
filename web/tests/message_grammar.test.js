import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { codePoints, emojiIn, languageOf } from "../chat/text/characters.js";
import { coloured, languageNamed } from "../chat/text/code.js";
import { parse, plain } from "../chat/text/grammar.js";
import { ownPlace } from "../chat/text/links.js";
import { findMentions } from "../lib/mentions.js";
import { chance } from "./chance.js";

const MEMBERS = new Set(["bob", "carol", "kim", "ann_", "o.neil", "x-1"]);
const STYLES = { bold: "b", italic: "i", strike: "s", spoiler: "spoiler" };

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const mentionsIn = (text) => {
  const { names, everyone } = findMentions(text, (name) => MEMBERS.has(name));
  return new Set([...names, ...(everyone ? ["all", "here"] : [])]);
};

function shown(tokens) {
  return tokens
    .map((token) => {
      if (token.type === "text") return token.text;
      if (token.type === "code") return `<code>${token.text}</code>`;
      if (token.type === "link") return `<a ${token.href}>${shown(token.content)}</a>`;
      if (token.type === "mention") return `<@${token.name}>`;
      if (token.type === "channel" || token.type === "emoji") return `<${token.type} ${token.name}/>`;
      return `<${STYLES[token.type]}>${shown(token.content)}</${STYLES[token.type]}>`;
    })
    .join("");
}

function drawn(blocks) {
  return blocks
    .map((block) => {
      if (block.type === "paragraph") return `<p>${shown(block.content)}</p>`;
      if (block.type === "quote") return `<quote>${drawn(block.blocks)}</quote>`;
      if (block.type === "fence") return `<pre${block.language && ` ${block.language}`}>${block.text}</pre>`;
      return `<list>${block.items.map((item) => `[${item.marker}]${drawn(item.blocks)}`).join("")}</list>`;
    })
    .join("");
}

test("a text is what the vectors say", () => {
  for (const [text, expected] of read("messages.json")) assert.equal(drawn(parse(text, mentionsIn(text))), expected, JSON.stringify(text));
});

test("a text shows the mentions that the server finds in it, and no others", () => {
  const found = (tokens) =>
    tokens.flatMap((one) => (one.type === "mention" ? [one.name] : (one.content ?? one.blocks ?? one.items ?? []).length ? found(one.content ?? one.blocks ?? one.items) : []));
  for (const [text, names, everyone = null] of read("../../docs/mentions.json")) {
    const shownNames = [...new Set(found(parse(text, mentionsIn(text))))];
    const people = shownNames.filter((name) => name !== "all" && name !== "here");
    assert.deepEqual([people.sort(), shownNames.length > people.length], [[...names].sort(), everyone !== null], JSON.stringify(text));
  }
});

// What is typed in messages, and what a grammar may stumble over.
const PARTS = ["*", "**", "_", "__", "~~", "||", "`", "``", "```", "\n", "\n\n", "> ", "- ", "1. ", "  ", "[", "](", ")", "(", "\\", ":", "#", "@bob", "@", " "];
PARTS.push("word", "请注意", "：", "。", "https://example.com/", "javascript:", "👩‍👩‍👧", "é", "\ud83d", "العربية", "~~~py\n", ":tada:", "#general", "](https://example.com/x)");
const LONGEST = 16_384; // four of the longest that a composer sends
const letters = (text) => text.replace(/[^\p{L}\p{N}]/gu, "");

test("whatever is typed, nothing fails and no letter is lost", () => {
  const { below, from } = chance(16);
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from({ length: 1 + below(30) }, () => from(PARTS)).join("");
    const blocks = parse(text, mentionsIn(text));
    // The language of code and the addresses of links are in no plain text.
    const all = blocks.length ? everything(blocks) : "";
    assert.equal(letters(all), letters(text), JSON.stringify(text));
    assert.ok(typeof plain(blocks) === "string");
  }
});

const isBare = ({ href, content }) => content.length === 1 && URL.canParse(content[0].text ?? "") && new URL(content[0].text).href === href;

function everything(tokens) {
  return tokens
    .map((token) => {
      if (token.type === "fence") return `${token.language} ${token.text}`;
      const inside = "marker" in token ? token.marker : "";
      const children = token.content ?? token.blocks ?? token.items;
      if (!children) return token.text;
      const text = inside + everything(children);
      return token.type === "link" && !isBare(token) ? `${text} ${token.href}` : text;
    })
    .join(" ");
}

test("the longest texts take time in proportion to their length", () => {
  const worst = ["*", "_", "*a", "**a*", "*a_", "a**b", "_*", "~~a", "||a", "`", "`a``", "[", "[a](", "[](x", "](", "(((", "> ", "- ", "  - a\n", "1. a\n\n", ">>", "\\", "\\`"];
  worst.push("http://](", "https://a.b", "@bob", "@bob/", ":a", ":a:", "#a", "```\n", "~~~\n> ", "*a **a ", "**a* ", "请**：", "_a__", "￼", "\n", "- \n", "https://a.b/((", "a@_");
  const time = (text) => {
    const begun = process.cpuUsage();
    parse(text, mentionsIn(text));
    return process.cpuUsage(begun).user / 1000;
  };
  time("warm up **請** ".repeat(200));
  for (const part of worst) {
    const text = part.repeat(Math.ceil(LONGEST / part.length)).slice(0, LONGEST);
    // Some milliseconds; by the square of the length it would be seconds.
    const spent = time(text);
    assert.ok(spent < 250, `${JSON.stringify(part)}: ${spent} ms`);
  }
  // Many runs that could begin something, and many that end nothing of it.
  assert.ok(time("_a ".repeat(20_000) + "b* ".repeat(20_000)) < 500);
});

test("characters: lengths, languages, emoji, own addresses", () => {
  assert.deepEqual(["", "abc", "你好", "👍🏽", "a\ud83d"].map(codePoints), [0, 3, 2, 2, 2]);
  assert.deepEqual(
    ["hello", "你好", "これは本", "한글 漢字", "🍜"].map((text) => languageOf(text, "en")),
    [null, "zh-Hans", "ja", "ko", null],
  );
  assert.equal(languageOf("你好", "zh-Hant-TW"), "zh-Hant-TW");
  assert.deepEqual(
    ["🎉", "👍🏽 👩‍👩‍👧\n🇫🇷", "1️⃣❤️", "1", "©", "hi 🎉", "", "#*"].map((text) => emojiIn(text, 10)),
    [1, 3, 2, 0, 0, 0, 0, 0],
  );
  const here = "https://chat.example";
  assert.deepEqual(ownPlace("https://chat.example/chat/3/14", here), { kind: "chat", id: 3, messageId: 14 });
  assert.deepEqual(ownPlace("/board/7", here), { kind: "board", id: 7, messageId: null });
  for (const other of ["https://evil.example/chat/3", "/chat/0", "/chats/1", "/page/1/2", "mailto:a@b.example"]) assert.equal(ownPlace(other, here), null);
});

test("code is coloured in tokens that are the code, if its language is known and nothing about it is unusual", async () => {
  const code = "const a = 'x'; // y\nreturn 1;";
  const tokens = await coloured(code, languageNamed("JavaScript title=x.js"));
  assert.equal(tokens.map(([text]) => text).join(""), code);
  assert.deepEqual(new Set(tokens.map(([, kind]) => kind)), new Set(["kwd", "oper", "str", "cmnt", "num", undefined]));
  for (const language of ["", "no such", "__proto__", "constructor"]) assert.equal(await coloured(code, languageNamed(language)), null);
  assert.equal(await coloured(`// ${" ".repeat(9000)}`, "js"), null);
});
