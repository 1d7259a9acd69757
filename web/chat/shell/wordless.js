/** What is shown if not even the page's words could be fetched: it is said in both languages, with a way to try again. */

import { make } from "../../lib/dom.js";

/** @param {HTMLElement} place */
export function sayNothingCame(place) {
  const english = make("p", { lang: "en" }, "Fechatter could not be loaded. Check your connection, and try again.");
  const chinese = make("p", { lang: "zh-Hans" }, "页面未能加载，请检查网络后重试。");
  const again = make("button", { type: "button", onclick: () => location.reload() }, "Try again · 重试");
  place.replaceChildren(make("main", { className: "empty" }, make("div", { role: "alert" }, english, chinese), again));
}
