/** Times and days in the reader's language and time zone. */

import { computed } from "../../vendor/preact.js";
import { language, languageTag, t } from "./words.js";

/** The reader's language as their region has it, if the browser says which: clocks and orders of dates differ. */
const places = computed(() => {
  const own = globalThis.navigator?.language ?? "";
  return language.value === "en" && own.startsWith("en-") ? own : languageTag.value;
});
const forms = computed(() => ({
  time: new Intl.DateTimeFormat(places.value, { hour: "numeric", minute: "2-digit" }),
  day: new Intl.DateTimeFormat(places.value, { weekday: "long", day: "numeric", month: "long" }),
  dayOfYear: new Intl.DateTimeFormat(places.value, { day: "numeric", month: "long", year: "numeric" }),
  date: new Intl.DateTimeFormat(places.value, { day: "numeric", month: "short" }),
  dateOfYear: new Intl.DateTimeFormat(places.value, { day: "numeric", month: "short", year: "numeric" }),
  moment: new Intl.DateTimeFormat(places.value, { dateStyle: "long", timeStyle: "short" }),
  relative: new Intl.RelativeTimeFormat(places.value, { numeric: "auto" }),
}));

/** @typedef {string | number | Date} Time */

/** "14:05" @param {Time} at */
export const timeOf = (at) => forms.value.time.format(new Date(at));

/** Day and time, for a title. @param {Time} at */
export const momentOf = (at) => forms.value.moment.format(new Date(at));

/** "Today", "Yesterday", "Friday, 27 November", or with the year. @param {Time} at  @param {Date} [now] */
export function dayOf(at, now = new Date()) {
  const date = new Date(at);
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0) return t("dates.today");
  if (days === 1) return t("dates.yesterday");
  return (date.getFullYear() === now.getFullYear() ? forms.value.day : forms.value.dayOfYear).format(date);
}

/** Where there is little room: "14:05" of today, "27 Nov", or with the year. @param {Time} at  @param {Date} [now] */
export function briefOf(at, now = new Date()) {
  const date = new Date(at);
  if (midnight(now) === midnight(date)) return timeOf(at);
  return (date.getFullYear() === now.getFullYear() ? forms.value.date : forms.value.dateOfYear).format(date);
}

/** "5 minutes ago", "in 3 days". @param {Time} at  @param {number} [now] */
export function awayOf(at, now = Date.now()) {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 60) return forms.value.relative.format(0, "minute");
  if (size < 3600) return forms.value.relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return forms.value.relative.format(Math.round(seconds / 3600), "hour");
  return forms.value.relative.format(Math.round(seconds / 86_400), "day");
}

/** @param {Date} date */
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
