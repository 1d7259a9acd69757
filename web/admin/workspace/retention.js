/** How long messages are kept in a workspace, and what its members may let others see. */

import { Field, Form } from "../../chat/dialogs/frame.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

const SWITCHES = /** @type {const} */ ([
  { name: "show_emails", needs: "owner" },
  { name: "link_previews", needs: "admin" },
  { name: "public_publishing", needs: "admin" },
]);

/** @param {{ workspace: import("../shell/state.js").Governed }} properties */
export function Retention({ workspace }) {
  const admin = useAdmin();
  const { busy, failure, act } = useActing();
  const forever = useSignal(workspace.retention_days === null);
  const told = useSignal("");
  const isOwner = workspace.role === "owner";
  const change = async (/** @type {Record<string, any>} */ what) => {
    await admin.api.workspaces.update(workspace.id, what);
    await admin.load();
  };
  const keep = (/** @type {Record<string, string>} */ { days }) =>
    tried(async () => {
      await change({ retention_days: forever.value ? null : Number(days) });
      told.value = t("retention.saved");
    });
  return [
    h(
      "section",
      { key: "keep", class: "panel", "aria-labelledby": "retention-keep" },
      h("h2", { id: "retention-keep" }, t("retention.keep")),
      h("p", { class: "none" }, t("retention.keepText")),
      isOwner
        ? h(
            Form,
            { act: keep, submit: t("directory.save"), stays: true },
            h("label", { class: "check" }, h("input", { type: "checkbox", checked: forever.value, onChange: (/** @type {any} */ { target }) => (forever.value = target.checked) }), h("span", {}, t("retention.forever"))),
            !forever.value && h(Field, { label: t("retention.days"), name: "days", type: "number", min: 1, max: 36_500, required: true, defaultValue: workspace.retention_days ?? 365 }),
            h("p", { role: "status" }, told.value),
          )
        : h("p", {}, workspace.retention_days === null ? t("retention.forever") : t("retention.now", { n: workspace.retention_days })),
    ),
    h(
      "section",
      { key: "share", class: "panel", "aria-labelledby": "retention-share" },
      h("h2", { id: "retention-share" }, t("retention.share")),
      SWITCHES.map(({ name, needs }) =>
        h(
          "label",
          { key: name, class: "check" },
          h("input", { type: "checkbox", role: "switch", checked: workspace[name], disabled: busy || (needs === "owner" && !isOwner), onChange: (/** @type {any} */ { target }) => act(() => change({ [name]: target.checked })) }),
          h("span", {}, t(`retention.${name}`), h("small", {}, t(`retention.${name}_hint`))),
        ),
      ),
      h("p", { class: "failure", role: "alert" }, failure),
    ),
  ];
}
