/** What is in the middle where no chat is: what to do next. */

import { h } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { Icon } from "./icons.js";
import { following, go } from "./router.js";

/** @param {{ icon: import("./icons.js").IconName, title: string, text: string, children?: any }} properties */
export const Empty = ({ icon, title, text, children }) =>
  h("div", { class: "empty" }, h("span", { class: "picture" }, h(Icon, { name: icon })), h("h1", { tabIndex: -1 }, title), h("p", {}, text), h("div", { class: "acts" }, children));

export const NothingOpen = () =>
  h(
    Empty,
    { icon: "thread", title: t("empty.title"), text: t("empty.text") },
    h("button", { type: "button", class: "primary", onClick: () => openDialog("switcher") }, t("sidebar.jump")),
    h("button", { type: "button", class: "outlined", onClick: () => openDialog("new") }, t("sidebar.new")),
  );

export const NotHere = () =>
  h(
    Empty,
    { icon: "lock", title: t("missing.title"), text: t("missing.text") },
    h("a", { class: "button primary", href: "/", onClick: following(() => go({})) }, t("missing.back")),
  );
