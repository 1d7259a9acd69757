/** What can be administered: the organisation's pages, the workspace's, and one's own. */

import { Icon } from "../../chat/shell/icons.js";
import { language, speakIn, t } from "../words/words.js";
import { h, useId, useSignal } from "../../vendor/preact.js";
import { Glyph } from "./glyphs.js";
import { addressOf, following, go, place } from "./router.js";
import { SECTIONS } from "./sections.js";
import { useAdmin } from "./state.js";

/** @param {{ current: string | undefined }} properties */
export function Nav({ current }) {
  const admin = useAdmin();
  const open = useSignal(false); // where the window is narrow
  return h(
    "nav",
    { class: `admin-nav ${open.value ? "open" : ""}`, "aria-label": t("shell.title") },
    h(
      "header",
      {},
      h("a", { class: "button icon", href: "/", "aria-label": t("shell.back"), title: t("shell.back") }, h(Icon, { name: "back" })),
      h("strong", {}, t("shell.title")),
      h("button", { type: "button", class: "icon narrow-only", "aria-expanded": open.value, "aria-label": t("shell.pages"), onClick: () => (open.value = !open.value) }, h(Icon, { name: "more" })),
    ),
    h(
      "div",
      { class: "admin-lists", onClick: () => (open.value = false) },
      h(Group, { of: "self", title: t("shell.own"), current }),
      h(Group, { of: "organization", title: t("shell.organization"), all: admin.organizations.value, chosen: admin.organization.value, choose: (id) => go({ organization: id }), current }),
      h(Group, { of: "workspace", title: t("shell.workspace"), all: admin.workspaces.value, chosen: admin.workspace.value, choose: (id) => go({ workspace: id }), current }),
    ),
    h(
      "footer",
      {},
      h("button", { type: "button", class: "outlined", lang: language.value === "zh" ? "en" : "zh-Hans", onClick: () => speakIn(language.value === "zh" ? "en" : "zh") }, language.value === "zh" ? "English" : "中文"),
      h("button", { type: "button", class: "outlined", "data-action": "theme" }, t("shell.theme")),
    ),
  );
}

/**
 * @param {{
 *   of: import("./sections.js").Section["of"], title: string, current: string | undefined,
 *   all?: import("./state.js").Governed[], chosen?: import("./state.js").Governed | null, choose?: (id: number) => void,
 * }} properties
 */
function Group({ of, title, current, all = [], chosen = null, choose }) {
  const id = useId();
  return h(
    "section",
    { "aria-labelledby": id },
    h("h2", { id }, title),
    choose && chosen && h(
      "select",
      { "aria-label": title, value: chosen.id, onClick: (/** @type {Event} */ event) => event.stopPropagation(), onChange: (/** @type {any} */ { target }) => choose(Number(target.value)) },
      all.map((one) => h("option", { key: one.id, value: one.id }, one.name)),
    ),
    h("ul", {}, SECTIONS.filter((section) => section.of === of).map((section) => h("li", { key: section.name }, h(Entry, { section, current })))),
  );
}

/** @param {{ section: import("./sections.js").Section, current: string | undefined }} properties */
function Entry({ section, current }) {
  const admin = useAdmin();
  const { name, label, glyph, of, feature } = section;
  const off = admin.state.value === "ready" && feature && admin.isOn(feature, of === "organization" ? admin.organization.value?.id : undefined) !== "on";
  return h(
    "a",
    { href: addressOf({ ...place.value, section: name }), class: "row", "aria-current": name === current ? "page" : undefined, onClick: following(() => go({ section: name })) },
    h("span", { class: "sign" }, h(Glyph, { name: glyph })),
    h("span", { class: "name" }, t(label)),
    off && h("small", { class: "tag" }, t("shell.off")),
  );
}
