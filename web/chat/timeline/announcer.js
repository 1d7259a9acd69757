/** Reads new messages out: a log beside the timeline, into which only what comes at its end is written, and no history. */

import { h, useLayoutEffect, useRef, useSignal } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { newcomers, newestSeq } from "./items.js";
import { senderName } from "./sender.js";
import { inOneLine } from "./quote.js";

const MOST = 5;

/** @param {{ controller: import("./controller.js").Controller }} props */
export function Announcer({ controller }) {
  const { model, timeline } = controller;
  const heard = useRef(/** @type {number | null} */ (null));
  const said = useSignal(/** @type {Record<string, any>[]} */ ([]));
  const rows = timeline.rows.value;
  const isHere = controller.isPlaced.value && timeline.atEnd.value && timeline.loading.value === null;
  // In the frame that shows them, and not in one of its own.
  useLayoutEffect(() => {
    if (!isHere) {
      if (!timeline.atEnd.peek()) heard.current = null; // what comes next is history, too
      return;
    }
    if (heard.current !== null) {
      const found = newcomers(rows, heard.current, model.me.peek().id);
      if (found.length) said.value = [...said.value, ...found].slice(-MOST);
      const [first] = found;
      const isAttended = document.visibilityState === "visible" && document.hasFocus();
      if (first && !isAttended && controller.newFrom.peek() === null && controller.threadId === null) controller.newFrom.value = first.seq;
    }
    heard.current = Math.max(heard.current ?? 0, newestSeq(rows));
  }, [rows, isHere]);
  return h(
    "div",
    { class: "unseen", role: "log", "aria-label": t("timeline.log") },
    said.value.map((message) => h("p", { key: message.id }, t("timeline.says", { name: senderName(model.person(message.sender_id).value), text: inOneLine(message) }))),
  );
}
