/** The files of the next message above the field: what they show, how far they are, what went wrong. */

import { h } from "../../vendor/preact.js";
import { Icon, IconButton } from "../shell/icons.js";
import { sizeInWords, t } from "../words/words.js";

/** @param {{ attachments: import("./attachments.js").Attachments }} properties */
export function AttachmentStrip({ attachments }) {
  const items = attachments.items.value;
  const refused = attachments.refused.value;
  return [
    refused && h("p", { key: "refused", class: "failure", role: "alert" }, refused),
    items.length > 0 &&
      h(
        "ul",
        { key: "items", class: "attachments", "aria-label": t("files.list") },
        items.map((item) => h(Item, { key: item.key, item, attachments })),
      ),
  ];
}

/** @param {{ item: import("./attachments.js").Attachment, attachments: import("./attachments.js").Attachments }} properties */
function Item({ item: { key, file, picture, upload, id, problem }, attachments }) {
  const progress = upload?.progress.value ?? 0;
  return h(
    "li",
    { class: problem ? "failed" : "" },
    picture ? h("img", { src: picture, alt: "" }) : h("span", { class: "kind" }, h(Icon, { name: "file" })),
    h(
      "span",
      { class: "about" },
      h("span", { class: "name", dir: "auto", title: file.name }, file.name),
      problem ? h("small", { role: "alert" }, problem) : h("small", {}, sizeInWords(file.size)),
      id === null && !problem && h("progress", { max: 1, value: progress, "aria-label": t("files.progress", { name: file.name }) }),
    ),
    problem && h("button", { type: "button", class: "outlined", onClick: () => attachments.retry(key) }, t("files.retry")),
    h(IconButton, { name: "close", label: t("files.remove", { name: file.name }), onClick: () => attachments.remove(key) }),
  );
}
