/** What this browser is set to: language and looks. */

import { h, useSignal } from "../../vendor/preact.js";
import * as notifications from "../notifications/notifications.js";
import { language, speakIn, t } from "../words/words.js";
import { Choices, Dialog } from "./dialogs.js";

const THEME = "fechatter.theme";
const CONTRAST = "fechatter.contrast";

export function Settings() {
  const theme = useSignal(localStorage.getItem(THEME) ?? "system");
  const contrast = useSignal(localStorage.getItem(CONTRAST) ?? "system");
  const choose = (/** @type {string} */ key, /** @type {import("../../vendor/preact.js").Signal<string>} */ kept) => (/** @type {string} */ value) => {
    kept.value = value;
    if (value === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    document.dispatchEvent(new CustomEvent("fechatter:theme"));
  };
  return h(
    Dialog,
    { title: t("settings.title") },
    h(Choices, { label: t("settings.language"), name: "language", value: language.value, onChange: (value) => speakIn(/** @type {"en" | "zh"} */ (value)), choices: [["en", "English"], ["zh", "简体中文"]] }),
    h(Choices, { label: t("settings.theme"), name: "theme", value: theme.value, onChange: choose(THEME, theme), choices: [["system", t("settings.system")], ["light", t("settings.light")], ["dark", t("settings.dark")]] }),
    h(Choices, { label: t("settings.contrast"), name: "contrast", value: contrast.value, onChange: choose(CONTRAST, contrast), choices: [["system", t("settings.system")], ["more", t("settings.more")], ["normal", t("settings.normal")]] }),
    h(DesktopNotifications, {}),
    h("p", { class: "lead" }, t("settings.here")),
  );
}

function DesktopNotifications() {
  const setting = notifications.setting.value;
  const label = t("notifications.label");
  const why = setting === "unsupported" ? t("notifications.unsupported") : setting === "blocked" ? t("notifications.blocked") : null;
  if (why) return h("div", {}, h("h3", {}, label), h("p", { class: "lead" }, why));
  const choose = (/** @type {string} */ value) => void notifications.choose(value === "on");
  return h(Choices, { label, name: "notifications", value: setting, onChange: choose, choices: [["on", t("notifications.on")], ["off", t("notifications.off")]] });
}
