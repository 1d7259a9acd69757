/** The keys of the chats: of the whole page, of what is written, and of a message that has the focus. */

import { shown } from "../../lib/actions.js";
import { sendKey } from "../composer/settings.js";
import { ACTIONS } from "../timeline/actions.js";
import { t } from "../words/words.js";
import { h } from "../../vendor/preact.js";
import { Dialog } from "./dialogs.js";

/** @returns {{ title: string, rows: [string[], string][] }[]} each row: keys, of which any does it, and what they do */
const groups = () => [
  {
    title: t("keys.page"),
    rows: [
      [["Control+K"], t("keys.switcher")],
      [["Alt+ArrowUp", "Alt+ArrowDown"], t("keys.next")],
      [["Alt+Shift+ArrowUp", "Alt+Shift+ArrowDown"], t("keys.nextUnread")],
      [["F6"], t("keys.regions")],
      [["Control+/"], t("keys.title")],
    ],
  },
  {
    title: t("keys.writing"),
    rows: [
      [[sendKey.value === "enter" ? "Enter" : "Control+Enter"], t("keys.send")],
      [[sendKey.value === "enter" ? "Shift+Enter" : "Enter"], t("keys.newLine")],
      [["ArrowUp"], t("keys.editLast")],
      [["Control+B", "Control+I"], t("keys.marks")],
      [["@", "#", ":", "/"], t("keys.completes")],
    ],
  },
  {
    title: t("keys.message"),
    rows: [
      [["ArrowUp", "ArrowDown"], t("keys.move")],
      [["Enter"], t("timeline.tools")],
      ...ACTIONS.filter(({ keys, name }) => keys.length > 0 && name !== "discard").map(({ keys, word }) => /** @type {[string[], string]} */ ([keys, t(word)])),
    ],
  },
];

export function Keys() {
  return h(
    Dialog,
    { title: t("keys.title"), class: "keys" },
    groups().map(({ title, rows }) =>
      h(
        "section",
        { key: title },
        h("h3", {}, title),
        h("dl", {}, rows.map(([keys, does]) => h("div", { key: does }, h("dt", {}, does), h("dd", {}, keys.map((key) => h("kbd", { key }, shown(key))))))),
      ),
    ),
  );
}
