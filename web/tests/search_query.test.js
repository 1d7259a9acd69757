import assert from "node:assert/strict";
import { test } from "node:test";

import { partsOf, pieces, queryOf, withFilter, withoutBackticks } from "../chat/panes/search_query.js";

test("a query is words and filters, and is put together again", () => {
  assert.deepEqual(partsOf('red from:ada in:"quiet room" boat -has:link "from:nobody"'), {
    words: 'red boat "from:nobody"', filters: ["from:ada", 'in:"quiet room"', "-has:link"],
  });
  assert.deepEqual(partsOf("see http://a.org/in:12 and me:you"), { words: "see http://a.org/in:12 and me:you", filters: [] });
  assert.equal(queryOf(" red boat ", ["from:ada"]), "from:ada red boat");
  assert.deepEqual(partsOf(""), { words: "", filters: [] });
});

test("a message has one day before which it is, and may be from several people", () => {
  assert.deepEqual(withFilter(["before:2026-01-01", "from:ada"], "before:2026-02-01"), ["from:ada", "before:2026-02-01"]);
  assert.deepEqual(withFilter(["from:ada"], "from:grace"), ["from:ada", "from:grace"]);
  assert.deepEqual(withFilter(["from:ada"], "from:ada"), ["from:ada"]);
});

test("names show what was found in them", () => {
  const shown = (text, words) => pieces(text, words).map(({ text: one, match }) => (match ? `[${one}]` : one)).join("");
  assert.equal(shown("Red boats", "red boat"), "[Red] [boat]s");
  assert.equal(shown("产品讨论", "讨论"), "产品[讨论]");
  assert.equal(shown("İstanbul red", "red"), "İstanbul red", "whose small letters are more");
  assert.equal(shown("a<b>", "<b>"), "a[<b>]");
});

test("what was found in code is shown without the signs of code", () => {
  const shown = (snippet) => withoutBackticks(snippet.map((text, at) => ({ text, match: at % 2 === 1 }))).map(({ text, match }) => (match ? `[${text}]` : text)).join("");
  assert.equal(shown(["run `make ", "check", "` first"]), "run make [check] first");
  assert.equal(shown(["so:\n```python\nprint(", "red", ")\n```"]), "so:\nprint([red])\n");
  assert.equal(shown(["", "red", "`"]), "[red]");
  assert.equal(shown(["2 ** 3 ```", "red", "``` boat"]), "2 ** 3 [red] boat");
  assert.deepEqual(withoutBackticks([{ text: "`", match: false }, { text: "red", match: true }]), [{ text: "red", match: true }]);
});
