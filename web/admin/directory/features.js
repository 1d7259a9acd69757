/** What is on: on the server, and in this organisation, which can do without it. */

import { h } from "../../vendor/preact.js";
import { useActing } from "../kit/acting.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

const FEATURES = /** @type {const} */ (["enable_organizations", "enable_user_roles", "enable_proxy_system", "enable_bot_messages", "enable_online_statistics", "enable_advanced_admin"]);

/** @param {{ organization: { id: number, name: string } }} properties */
export function Features({ organization }) {
  const admin = useAdmin();
  const { features } = admin.features.value;
  const { busy, failure, act } = useActing();
  const choose = (/** @type {string} */ name, /** @type {boolean} */ on) =>
    act(async () => {
      await admin.api.organizations.switchFeature(organization.id, name, { enabled: on ? null : false });
      await admin.load();
    });
  return h(
    "section",
    {},
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "ul",
      { class: "cards lined" },
      FEATURES.map((name) => {
        const on = admin.isOn(name, organization.id) === "on";
        const mayChoose = features[name] && name !== "enable_organizations";
        return h(
          "li",
          { key: name },
          h("span", { class: "text" }, h("strong", {}, t(`features.${name}`)), h("small", {}, t(`feature.${name}`))),
          h("span", { class: features[name] ? "tag good" : "tag" }, t(features[name] ? "features.server" : "features.serverOff")),
          mayChoose
            ? h("label", { class: "check" }, h("input", { type: "checkbox", role: "switch", checked: on, disabled: busy, "aria-label": t("features.use", { name: t(`features.${name}`) }), onChange: (/** @type {any} */ { target }) => choose(name, target.checked) }), h("span", {}, t("features.here")))
            : h("code", { class: "tag" }, `features.${name}`),
        );
      }),
    ),
    h("p", { class: "hint" }, t("features.never")),
  );
}
