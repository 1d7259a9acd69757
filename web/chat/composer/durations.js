/** Lengths of time as they are typed: 30m, 8h, 2d, 1w; and in Chinese. */

const UNITS = /** @type {Record<string, number>} */ ({ m: 60, min: 60, 分钟: 60, h: 3600, 小时: 3600, d: 86_400, 天: 86_400, w: 604_800, 周: 604_800 });
const FORM = /^(\d{1,4})\s*(m|min|分钟|h|小时|d|天|w|周)$/i;
const MOST = 366 * 86_400;

/** When so much time has gone by; null if it is no such length. @param {string} typed  @param {number} now */
export function awayIn(typed, now) {
  const match = typed.trim().match(FORM);
  if (!match) return null;
  const seconds = Number(match[1]) * UNITS[match[2].toLowerCase()];
  return seconds > 0 && seconds <= MOST ? now + seconds * 1000 : null;
}
