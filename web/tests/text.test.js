import assert from "node:assert/strict";
import { test } from "node:test";

import "./crypto.js";
import { difference, Draft } from "../boards/content/text.js";
import { Y } from "../vendor/yjs.js";
import { chance } from "./chance.js";

test("a difference keeps what is the same, and surrogate pairs whole", () => {
  const { from, below } = chance(7);
  const alphabet = ["a", "b", "你", "😀", "😁", "🚀"];
  const word = () => Array.from({ length: below(9) }, () => from(alphabet)).join("");
  for (let round = 0; round < 2000; round++) {
    const [current, wanted] = [word(), word()];
    const { start, removed, inserted } = difference(current, wanted, below(wanted.length + 1));
    assert.equal(current.slice(0, start) + inserted + current.slice(start + removed), wanted);
    for (const part of [current.slice(0, start), inserted, current.slice(start + removed)]) assert.ok(!/\p{Surrogate}/u.test(part), `${current} → ${wanted}`);
  }
});

test("where a letter stands twice, the caret says which is new", () => {
  assert.equal(difference("ab", "abb", 2).start, 1);
  assert.equal(difference("ab", "abb", 3).start, 2);
});

/**
 * Rounds of one person who writes in what a Draft shows them, and of another who writes meanwhile. Every character that is
 * written is another one, a third of them surrogate pairs, so it is known which have to be left.
 */
test("whoever writes while others do loses nothing of theirs, nor they of theirs", () => {
  const { below } = chance(11);
  let made = 0;
  const fresh = (amount) => Array.from({ length: amount }, () => String.fromCodePoint((++made % 3 ? 0x4e00 : 0x1f300) + made)).join("");
  /** A text with a part of it replaced, and that part: at the bounds of characters. */
  const edited = (text) => {
    const all = [...text];
    const [start, amount] = [below(all.length + 1), below(3)];
    const gone = all.slice(start, start + amount);
    const added = fresh(below(3));
    const front = all.slice(0, start).join("");
    return { front, gone, added, now: front + added + all.slice(start + amount).join("") };
  };
  for (let round = 0; round < 400; round++) {
    const text = new Y.Doc().getText("text");
    made = 0;
    text.insert(0, fresh(5));
    const wanted = new Set(text.toString());
    const note = ({ gone, added }) => {
      for (const character of gone) wanted.delete(character);
      for (const character of added) wanted.add(character);
    };
    const draft = new Draft(text);
    let writing = false;
    text.observe(({ delta }) => writing || draft.follow(delta));
    for (let turn = 0; turn < 12; turn++) {
      const what = below(3);
      if (what === 0) {
        const theirs = edited(text.toString());
        note(theirs);
        text.doc.transact(() => {
          text.delete(theirs.front.length, theirs.gone.join("").length);
          text.insert(theirs.front.length, theirs.added);
        });
      } else if (what === 1) {
        const mine = edited(draft.shown);
        note(mine);
        writing = true;
        draft.write(mine.now, mine.front.length + mine.added.length);
        writing = false;
        assert.equal(draft.shown, mine.now);
      } else {
        const [caret] = draft.renew(below(draft.shown.length + 1));
        assert.ok(!draft.behind && caret <= draft.shown.length);
      }
    }
    assert.deepEqual([...text.toString()].sort(), [...wanted].sort(), `round ${round}`);
  }
});
