// Replays patches by web/lib/patches: a line of JSON each on standard input, a line of what became of it on standard output.
import { createInterface } from "node:readline";
import { canonical, checksum } from "../../web/lib/patches/canonical.js";
import { difference } from "../../web/lib/patches/difference.js";
import { conflict } from "../../web/lib/patches/effects.js";
import { apply, revert } from "../../web/lib/patches/patch.js";
import { LIMITS, PatchFailed, TooLarge } from "../../web/lib/patches/refusals.js";
import { problem } from "../../web/lib/patches/schema.js";

let former = [];

for await (const line of createInterface({ input: process.stdin })) {
  const { document: text, patch } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(replayed(JSON.parse(text), JSON.parse(patch)))}\n`);
}

// In one operation.
function coarse(old, now) {
  const patch = difference(old, now, 1);
  return patch.length <= 1 && canonical(apply(structuredClone(old), patch).document) === canonical(now);
}

function replayed(document, patch) {
  const before = JSON.stringify(document);
  const old = structuredClone(document);
  const sent = JSON.stringify(patch);
  let applied;
  try {
    applied = apply(document, patch, LIMITS);
  } catch (error) {
    if (!(error instanceof PatchFailed || error instanceof TooLarge)) throw error;
    return { failed: error.limit ?? error.index, untouched: JSON.stringify(document) === before };
  }
  const result = {
    document: canonical(applied.document),
    checksum: checksum(applied.document),
    effects: applied.effects,
    conflict: conflict(applied.effects, former),
    valid: problem(applied.document) === null,
    problems_found_by_effects: problem(applied.document, "page", applied.effects) !== null,
    difference: canonical(apply(structuredClone(old), difference(old, applied.document)).document),
    coarse_difference: coarse(old, applied.document),
    patch_untouched: sent === JSON.stringify(patch),
  };
  former = applied.effects;
  const back = apply(applied.document, applied.inverse);
  result.inverse = canonical(back.document) === canonical(old);
  result.reverted = JSON.stringify(revert(revert(back.document, back), applied)) === before;
  return result;
}
