/** What a page says in place of itself: its feature is off, it is for others, there is nothing to administer, it is none. */

import { Field, Form } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { t } from "../words/words.js";
import { addressOf, following, go, place } from "./router.js";
import { useAdmin } from "./state.js";

/** @param {{ icon: import("../../chat/shell/icons.js").IconName, title: string, children?: any }} properties */
export const Empty = ({ icon, title, children }) =>
  h("section", { class: "instead" }, h("span", { class: "picture" }, h(Icon, { name: icon })), h("h2", {}, title), children);

/** @param {{ feature: import("./state.js").Feature, here: { id: number, name: string } | null }} properties `here`: it is off in this organisation alone */
export function FeatureOff({ feature, here }) {
  const copied = useSignal(false);
  const what = t(`feature.${feature}`);
  if (here) {
    const to = { ...place.value, section: "features" };
    return h(
      Empty,
      { icon: "settings", title: t("off.here", { name: here.name }) },
      h("p", {}, what),
      h("p", {}, t("off.hereHow")),
      feature !== "enable_organizations" && h("a", { class: "button primary", href: addressOf(to), onClick: following(() => go(to)) }, t("features.title")),
    );
  }
  const line = `features:\n  ${feature}: true`;
  const copy = async () => {
    await navigator.clipboard.writeText(line);
    copied.value = true;
  };
  return h(
    Empty,
    { icon: "settings", title: t("off.title") },
    h("p", {}, what),
    h("p", {}, t("off.how")),
    h("pre", { class: "setting-lines", tabIndex: 0, "aria-label": "app.yaml" }, line),
    // Pages that are not served over HTTPS have no clipboard.
    navigator.clipboard && h("div", { class: "acts" }, h("button", { type: "button", class: "outlined", onClick: copy }, h(Icon, { name: "copy" }), copied.value ? t("off.copied") : t("off.copy"))),
  );
}

/** @param {{ of: "organization" | "workspace" | "self", needs: string, name: string }} properties */
export const Forbidden = ({ of, needs, name }) =>
  h(
    Empty,
    { icon: "lock", title: t("forbidden.title") },
    h("p", {}, t(needs === "owner" ? "forbidden.owner" : "forbidden.admin", { name })),
    h("p", {}, t(of === "organization" ? "forbidden.organization" : "forbidden.workspace")),
  );

export function Missing() {
  return h(Empty, { icon: "search", title: t("missing.text") }, h("a", { class: "button primary", href: "/admin", onClick: following(() => go({ section: "overview" })) }, t("missing.back")));
}

/** @param {{ of: "organization" | "workspace" | "self" }} properties */
export function NothingToGovern({ of }) {
  const admin = useAdmin();
  if (of !== "organization") return h(Empty, { icon: "people", title: t("none.workspace") }, h("a", { class: "button primary", href: "/" }, t("shell.back")));
  const found = (/** @type {Record<string, string>} */ { name }) =>
    tried(async () => {
      await admin.api.organizations.create({ name: name.trim() });
      await admin.load();
    });
  return h(
    Empty,
    { icon: "people", title: t("none.organization") },
    h("p", {}, t("none.organizationText")),
    h(Form, { act: found, submit: t("none.found"), stays: true }, h(Field, { label: t("none.name"), name: "name", required: true, maxLength: 100 })),
  );
}
