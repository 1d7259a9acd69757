/** What this browser is set to, and the ways to what one's account is set to. */

import { h, useSignal } from "../../vendor/preact.js";
import { shown } from "../../lib/actions.js";
import { chooseSendKey, sendKey } from "../composer/settings.js";
import * as notifications from "../notifications/notifications.js";
import { language, speakIn, t } from "../words/words.js";
import { Icon } from "../shell/icons.js";
import { Choices, Dialog, openDialog } from "./dialogs.js";

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
    h(
      "div",
      { class: "settings" },
      h(Choices, { short: true, label: t("settings.language"), name: "language", value: language.value, onChange: (value) => speakIn(/** @type {"en" | "zh"} */ (value)).catch((problem) => openDialog("failed", { problem })), choices: [["en", "English"], ["zh", "简体中文"]] }),
      h(Choices, { short: true, label: t("settings.theme"), name: "theme", value: theme.value, onChange: choose(THEME, theme), choices: [["system", t("settings.system")], ["light", t("settings.light")], ["dark", t("settings.dark")]] }),
      h(Choices, { short: true, label: t("settings.contrast"), name: "contrast", value: contrast.value, onChange: choose(CONTRAST, contrast), choices: [["system", t("settings.system")], ["normal", t("settings.normal")], ["more", t("settings.more")]] }),
      h(Choices, { short: true, label: t("settings.send"), name: "send", value: sendKey.value, onChange: (value) => chooseSendKey(/** @type {"enter" | "ctrl-enter"} */ (value)), choices: [["enter", "Enter"], ["ctrl-enter", shown("Ctrl+Enter")]] }),
      h(DesktopNotifications, {}),
    ),
    h(PlainHttp, {}),
    h("p", { class: "lead" }, t("settings.here")),
    h(
      "section",
      { class: "ways", "aria-labelledby": "settings-account" },
      h("h3", { id: "settings-account" }, t("settings.account")),
      h("button", { type: "button", onClick: () => openDialog("devices") }, h(Icon, { name: "devices" }), h("span", { class: "text" }, t("devices.title")), h(Icon, { name: "chevron" })),
      h("button", { type: "button", onClick: () => openDialog("pushes") }, h(Icon, { name: "bell" }), h("span", { class: "text" }, t("push.title")), h(Icon, { name: "chevron" })),
      h("a", { class: "button", href: "/signin#/security" }, h(Icon, { name: "lock" }), h("span", { class: "text" }, t("settings.security")), h(Icon, { name: "chevron" })),
    ),
  );
}

/** What a browser does not do for a page that came over plain HTTP from another machine. */
export function PlainHttp() {
  return globalThis.isSecureContext ? null : h("p", { class: "lead", role: "note" }, t("settings.plain"));
}

function DesktopNotifications() {
  const setting = notifications.setting.value;
  const label = t("notifications.label");
  const why = setting === "unsupported" ? t("notifications.unsupported") : setting === "blocked" ? t("notifications.blocked") : null;
  if (why) return h("div", { class: "setting" }, h("h3", {}, label), h("p", { class: "lead" }, why));
  const choose = (/** @type {string} */ value) => void notifications.choose(value === "on");
  return h(Choices, { short: true, label, name: "notifications", value: setting, onChange: choose, choices: [["on", t("notifications.on")], ["off", t("notifications.off")]] });
}
