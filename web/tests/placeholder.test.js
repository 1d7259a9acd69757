import assert from "node:assert/strict";
import { test } from "node:test";

import { Page } from "./browser.js";

new Page();
const { decoded } = await import("../chat/timeline/placeholder.js");
const { averageColour } = await import("../chat/timeline/files.js");

/** The mean colour of part of a picture, whose corners are parts of its sides. */
function mean({ width, height, pixels }, [left, top, right, bottom]) {
  const sum = [0, 0, 0, 0];
  let amount = 0;
  for (let y = Math.floor(top * height); y < bottom * height; y += 1) {
    for (let x = Math.floor(left * width); x < right * width; x += 1, amount += 1) pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4).forEach((shade, at) => (sum[at] += shade));
  }
  return sum.map((shade) => shade / amount);
}

test("placeholders that the server made have the shape and the colours of their pictures", () => {
  // chat_server/media/placeholder.py, of a picture of 100 × 60: red on the left, blue on the right.
  const wide = decoded("l6YCtKKPhYmIeIh3iIh/iPiIeA==");
  assert.ok(wide.width > wide.height);
  const [left, right] = [mean(wide, [0, 0, 0.3, 1]), mean(wide, [0.7, 0, 1, 1])];
  assert.ok(left[0] > 170 && left[2] < 80, String(left));
  assert.ok(right[2] > 160 && right[0] < 80, String(right));
  assert.equal(left[3], 255);
  const all = mean(wide, [0, 0, 1, 1]);
  averageColour("l6YCtKKPhYmIeIh3iIh/iPiIeA==").match(/\d+/g).forEach((shade, at) => assert.ok(Math.abs(shade - all[at]) < 25, `${shade} ${all[at]}`));
  // Of 60 × 100: green above, nothing below.
  const high = decoded("TcqAAwBYeHCIqIh4gHj4d3h4j4eIWIg=");
  assert.ok(high.width < high.height);
  const [above, below] = [mean(high, [0, 0, 1, 0.3]), mean(high, [0, 0.7, 1, 1])];
  assert.ok(above[3] > 180 && above[1] > 120, String(above));
  assert.ok(below[3] < 70, String(below));
});

test("what is no placeholder has no picture", () => {
  for (const none of [null, "", "AAAA", "no base64 !"]) assert.equal(decoded(none), null);
});
