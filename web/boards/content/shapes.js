/** The geometry of what is drawn with strokes, for the page and for pictures of it alike. */

const LEAST_PAD = 6;

/** @typedef {{ width: number, end?: string }} Stroke `end` may be "arrow" */

/** Room that a line needs around its points: for half its stroke, or for the head of an arrow. @param {Stroke} stroke */
export function pad({ width, end }) {
  return Math.max(LEAST_PAD, width / 2 + 2, end === "arrow" ? headSize(width) : 0);
}

/**
 * The path of a line, smooth between its points, and of its head if it has one.
 *
 * @param {Stroke & { points: number[] }} line
 * @param {number} dx
 * @param {number} dy
 */
export function outline({ points, width, end }, dx, dy) {
  if (points.length < 2) return "";
  return curve(points, dx, dy) + (end === "arrow" ? head(points, headSize(width), dx, dy) : "");
}

/** @param {number[]} points  @param {number} dx  @param {number} dy */
function curve(points, dx, dy) {
  const at = (/** @type {number} */ index) => `${round(points[index] + dx)} ${round(points[index + 1] + dy)}`;
  const middle = (/** @type {number} */ index) =>
    `${round((points[index] + points[index + 2]) / 2 + dx)} ${round((points[index + 1] + points[index + 3]) / 2 + dy)}`;
  const parts = [`M${at(0)}`];
  for (let index = 2; index + 3 < points.length; index += 2) parts.push(`Q${at(index)} ${middle(index)}`);
  parts.push(`L${at(points.length - 2 - (points.length % 2))}`);
  return parts.join("");
}

/** @param {number[]} points  @param {number} size  @param {number} dx  @param {number} dy */
function head(points, size, dx, dy) {
  const last = points.length - 2 - (points.length % 2);
  const [x, y] = [points[last] + dx, points[last + 1] + dy];
  const before = Math.max(last - 2, 0);
  const angle = Math.atan2(points[last + 1] - points[before + 1], points[last] - points[before]);
  const wing = (/** @type {number} */ turn) => `${round(x - size * Math.cos(angle + turn))} ${round(y - size * Math.sin(angle + turn))}`;
  return `M${wing(0.5)}L${round(x)} ${round(y)}L${wing(-0.5)}`;
}

/** @param {number} width */
function headSize(width) {
  return 10 + 2 * width;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
