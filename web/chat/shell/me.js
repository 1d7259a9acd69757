/** Oneself, at the bottom of the sidebar: status, presence, settings. */

import { call } from "../../lib/session.js";
import { h } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { features } from "../model/features.js";
import { t } from "../words/words.js";
import { useModel } from "./context.js";
import { Icon } from "./icons.js";
import { Menu } from "./menu.js";
import { isNarrow } from "./narrow.js";
import { Avatar, CustomStatus, presenceWords } from "./person.js";

const MODES = /** @type {const} */ (["auto", "away", "dnd", "invisible"]);

export function Me() {
  const model = useModel();
  const me = model.me.value;
  const { presence } = model.person(me.id).value;
  const chosen = model.presenceMode.value;
  const words = { auto: t("me.auto"), away: t("presence.away"), dnd: t("presence.dnd"), invisible: t("presence.invisible") };
  const choose = (/** @type {string} */ presence_mode) => call("PUT", "/users/me/presence", { presence_mode }).catch(() => {});
  /** @type {import("./menu.js").Item[]} */
  const items = [
    { label: t("me.status"), icon: "smile", act: () => openDialog("status") },
    { label: t("me.profile"), icon: "people", act: () => openDialog("profile", { userId: me.id }) },
    ...MODES.map((mode, at) => ({ label: words[mode], checked: chosen === mode, begins: at === 0, act: () => choose(mode) })),
    ...(model.organizations.value.length ? [{ label: t("me.announcements"), icon: /** @type {const} */ ("bell"), begins: true, act: () => openDialog("announcements") }] : []),
    { label: t("me.settings"), icon: "settings", begins: true, act: () => openDialog("settings") },
    { label: t("devices.title"), icon: "devices", act: () => openDialog("devices") },
    ...(isNarrow.value ? [] : [{ label: t("keys.title"), icon: /** @type {const} */ ("keys"), act: () => openDialog("keys") }]), // a phone has none
    ...(features.value.enable_proxy_system ? [{ label: t("acting.menu"), icon: /** @type {const} */ ("forward"), act: () => openDialog("delegations") }] : []),
    { label: t("me.leave"), icon: "leave", begins: true, act: () => leave(model) },
  ];
  const shown = chosen === "auto" ? presenceWords(dot(chosen, presence)) : words[/** @type {"away"} */ (chosen)];
  const button = [
    h("span", { class: "sign" }, h(Avatar, { id: me.id, fullname: me.fullname, avatar: me.avatar }), h("span", { class: `presence ${dot(chosen, presence)}` })),
    h("span", { class: "who" }, h("strong", { dir: "auto" }, me.fullname), me.custom_status ? h(CustomStatus, { status: me.custom_status }) : h("small", {}, shown)),
    h(Icon, { name: "more" }),
  ];
  return h("footer", {}, h(Menu, { label: t("me.menu"), class: "me", items, button, named: true }));
}

/** What one is oneself is known at once, before others are told. @param {string} chosen  @param {string | undefined} presence */
function dot(chosen, presence) {
  if (chosen === "invisible") return "offline";
  return chosen === "auto" ? (presence === "away" ? "away" : "online") : chosen;
}

/** @param {import("./context.js").Model} model */
async function leave(model) {
  const next = await model.signOut();
  location.assign(next ?? "/signin");
}
