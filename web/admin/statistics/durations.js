/** How long something took, in words, and the days that a page asks for first. */

import { t } from "../words/words.js";

const DAYS = 29; // with the last one thirty

/** "12 h 30 min" @param {number} seconds */
export function durationOf(seconds) {
  const minutes = Math.round(seconds / 60);
  return t("online.duration", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** The last thirty days, as fields of dates have them. @param {Date} now */
export function spanOf(now) {
  const first = new Date(now);
  first.setDate(now.getDate() - DAYS);
  return { since: fieldOf(first), until: fieldOf(now) };
}

/** @param {Date} date */
const fieldOf = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
