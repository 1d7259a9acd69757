/** The messages of a chat in their plainest form, until timeline/ takes its place. */

import { h, useEffect, useRef } from "../../vendor/preact.js";
import { timeOf } from "../words/dates.js";

/** @param {{ model: import("./context.js").Model, chatId: number, target?: number }} properties */
export function TimelineView({ model, chatId }) {
  const end = useRef(/** @type {HTMLDivElement | null} */ (null));
  const rows = model.timeline(chatId).rows.value;
  const last = rows.at(-1)?.seq;
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
    if (last && document.hasFocus()) model.seen(chatId, last);
  }, [last]);
  return h(
    "div",
    { class: "plain-timeline", role: "log" },
    rows.map((/** @type {any} */ row) => {
      const { fullname } = model.person(row.sender_id).value;
      return h("div", { key: row.id ?? row.key }, h("strong", { dir: "auto" }, fullname), " ", h("time", {}, timeOf(row.created_at)), h("p", { dir: "auto" }, row.content));
    }),
    h("div", { key: "end", ref: end, "aria-hidden": "true" }),
  );
}
