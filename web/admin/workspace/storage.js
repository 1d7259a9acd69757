/** How much is stored in a workspace, and of what. */

import { h } from "../../vendor/preact.js";
import { Failure, useFetched } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { sizeInWords, t } from "../words/words.js";

const KINDS = /** @type {const} */ (["files", "uploads", "boards", "pages", "versions", "thumbnails"]);

/** @param {{ workspace: { id: number } }} properties */
export function Storage({ workspace }) {
  const { api, changed } = useAdmin();
  const { found, problem } = useFetched(() => api.workspaces.storage(workspace.id), [changed.value]);
  if (!found) return h(Failure, { problem });
  const share = found.allowed ? Math.min(1, found.bytes / found.allowed) : null;
  const most = Math.max(1, ...KINDS.map((kind) => found.kinds[kind]));
  return [
    h(Failure, { key: "failure", problem }),
    h(
      "section",
      { key: "all", class: "panel", "aria-labelledby": "storage-used" },
      h("h2", { id: "storage-used" }, t("storage.used")),
      h("p", {}, found.allowed ? t("storage.of", { used: sizeInWords(found.bytes), allowed: sizeInWords(found.allowed) }) : t("storage.unlimited", { used: sizeInWords(found.bytes) })),
      share !== null && h("div", { class: "meter", role: "meter", "aria-labelledby": "storage-used", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100) }, h("span", { style: { width: `${share * 100}%` } })),
    ),
    h(
      "section",
      { key: "kinds", class: "panel", "aria-labelledby": "storage-kinds" },
      h("h2", { id: "storage-kinds" }, t("storage.kinds")),
      h(
        "ul",
        { class: "shares" },
        KINDS.map((kind) => h("li", { key: kind }, h("span", {}, t(`storage.${kind}`)), h("div", { class: "meter", "aria-hidden": "true" }, h("span", { style: { width: `${(found.kinds[kind] / most) * 100}%` } })), h("span", { class: "number" }, sizeInWords(found.kinds[kind])))),
      ),
    ),
  ];
}
