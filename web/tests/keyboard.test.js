import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { isComposed } from "../lib/keyboard.js";

const web = new URL("../", import.meta.url);
const folders = ["boards", "chat", "documents", "invite", "lib", "pages", "signin"];
const files = folders.flatMap((folder) => readdirSync(new URL(folder, web), { recursive: true }).map((file) => `${folder}/${file}`)).filter((file) => file.endsWith(".js"));

/** Who asks whether an input method has a key: by itself, or by a table of actions, which does. */
const ASKS = /\bisComposed\(|\.actionOf\(|isComposing \|\| \w+\.keyCode === (?:229|BY_INPUT_METHOD)/;

/** Where there is nothing to write in. */
const NO_FIELD = new Set(["chat/text/message_text.js"]); // a spoiler is pressed

/** What listens to keys in a text of a module: where, and its body as far as it can be told from the text. */
function listeners(source) {
  const found = [];
  for (const { index } of source.matchAll(/addEventListener\(\s*"key(?:down|up|press)"|\bonKey(?:Down|Up|Press)\b\s*[:=]/g)) found.push(source.slice(index, index + 700));
  return found;
}

/** A listener that is a function by its name, or only calls one: that function. */
function followed(source, listener) {
  const [, name, called] = listener.match(/^[^\n]*?(?:"\w+",|[=:])\s*(?:([A-Za-z]\w*)\s*[,)}]|\([^\n]*?\)\s*=>\s*([A-Za-z]\w*)\(event, )/) ?? [];
  const at = source.search(new RegExp(`(?:const|let) ${name ?? called} = |function ${name ?? called}\\(`));
  return at < 0 ? listener : source.slice(at, at + 700);
}

test("whatever waits for Enter or Escape on a page asks first whether an input method has it", () => {
  const without = [];
  let listening = 0;
  for (const file of files) {
    const source = readFileSync(new URL(file, web), "utf8");
    for (const listener of listeners(source)) {
      listening += 1;
      const body = followed(source, listener);
      if (/"(?:Enter|Escape)"|\bonKey\(/.test(body) && !ASKS.test(body) && !NO_FIELD.has(file)) without.push(`${file}: ${listener.slice(0, 80)}`);
    }
  }
  assert.ok(listening > 5);
  assert.deepEqual(without, [], "These begin with `if (isComposed(event)) return;` of lib/keyboard.js.");
});

test("no timer decides whether a composition is over", () => {
  for (const file of files) {
    const source = readFileSync(new URL(file, web), "utf8");
    for (const { index } of source.matchAll(/compositionend"|onCompositionEnd\b/gi)) assert.doesNotMatch(source.slice(index, index + 300), /setTimeout/, file);
  }
});

test("a key is an input method's while it composes, and the one that Safari tells after that", () => {
  assert.equal(isComposed({ isComposing: true, keyCode: 13 }), true);
  assert.equal(isComposed({ isComposing: false, keyCode: 229 }), true);
  assert.equal(isComposed({ isComposing: false, keyCode: 13 }), false);
});
