/** Places and boxes on a board. */

/** @typedef {{ x: number, y: number }} Place */
/** @typedef {{ x: number, y: number, w: number, h: number }} Box */

/** The box between two corners, in whole numbers, no smaller than `least`. @param {Place} a  @param {Place} b  @param {number} least @returns {Box} */
export function between(a, b, least) {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)].map(Math.round);
  return { x, y, w: Math.max(Math.round(Math.abs(a.x - b.x)), least), h: Math.max(Math.round(Math.abs(a.y - b.y)), least) };
}

/** Whether a box lies in another one as a whole. @param {Box} inner  @param {Box} outer */
export function within(inner, outer) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w && inner.y + inner.h <= outer.y + outer.h;
}

/** The box around several; null around none. @param {Box[]} boxes @returns {Box | null} */
export function around(boxes) {
  if (!boxes.length) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.w));
  const bottom = Math.max(...boxes.map((box) => box.y + box.h));
  return { x, y, w: right - x, h: bottom - y };
}

/** @param {Box} box @returns {Place} */
export const middle = ({ x, y, w, h }) => ({ x: x + w / 2, y: y + h / 2 });

/** The next place from `from` on, by `step` right and down each time, that is nearer to none of `taken` than half a step. @param {Place} from  @param {Place[]} taken  @param {number} step @returns {Place} */
export function freePlace({ x, y }, taken, step) {
  let at = 0;
  while (taken.some((one) => Math.hypot(one.x - x - at, one.y - y - at) < step / 2)) at += step;
  return { x: x + at, y: y + at };
}
