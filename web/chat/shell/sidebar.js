/** What there is: the workspace, its chats, boards and pages, and oneself at the bottom. */

import { h, useEffect, useRef } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { useCalm } from "./calm.js";
import { sorted } from "./chats.js";
import { useModel } from "./context.js";
import { Icon, IconButton } from "./icons.js";
import { Me } from "./me.js";
import { place } from "./router.js";
import { ChatRow, DocumentRow } from "./rows.js";
import { Section } from "./section.js";
import { WorkspaceMenu } from "./workspace_menu.js";
import { workspaceId } from "./workspaces.js";

export function Sidebar() {
  const model = useModel();
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const chats = useCalm(model.chats);
  const { direct, channels } = sorted(chats.values(), workspaceId.value);
  const { chatId } = place.value;
  useEffect(() => oneTabStop(list.current));
  useEffect(() => list.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest" }), [chatId]);
  const started = model.state.value !== "starting";
  const chatRow = (/** @type {import("./chats.js").Chat} */ chat) => h(ChatRow, { key: chat.id, chat, current: chat.id === chatId });
  return h(
    "nav",
    { class: "sidebar", "aria-label": t("sidebar.name"), "data-region": "sidebar" },
    h(
      "header",
      {},
      h(WorkspaceMenu, { chats }),
      h(IconButton, { name: "plus", label: t("sidebar.new"), onClick: () => openDialog("new") }),
    ),
    h(
      "button",
      { type: "button", class: "jump", "aria-keyshortcuts": "Control+K", onClick: () => openDialog("switcher") },
      h(Icon, { name: "search" }),
      h("span", {}, t("sidebar.jump")),
      h("kbd", {}, isMac ? "⌘ K" : "Ctrl K"),
    ),
    model.invitations.value.length > 0 &&
      h("button", { type: "button", class: "jump invited", onClick: () => openDialog("invitations") }, h(Icon, { name: "unread" }), h("span", {}, t("sidebar.invited", { n: model.invitations.value.length }))),
    model.delegations.value.filter(({ delegate_id: id, accepted_at: accepted }) => id === model.me.value.id && !accepted).map(({ id, principal_id: principal }) =>
      h("button", { key: `offer-${id}`, type: "button", class: "jump invited", onClick: () => openDialog("delegations") }, h(Icon, { name: "forward" }), h("span", {}, t("sidebar.offered", { name: model.person(principal).value.fullname }))),
    ),
    h(
      "div",
      { class: "lists", ref: list, onKeyDown: moveIn, "aria-busy": !started },
      started && [
        h(Section, {
          key: "direct", name: "direct", title: t("sidebar.direct"), items: direct, row: chatRow,
          add: { label: t("sidebar.newDirect"), act: () => openDialog("new", { tab: "person" }) },
          none: t("sidebar.noDirect"),
        }),
        h(Section, {
          key: "channels", name: "channels", title: t("sidebar.channels"), items: channels, row: chatRow,
          add: { label: t("sidebar.newChannel"), act: () => openDialog("new", { tab: "channel" }) },
          none: [t("sidebar.noChannels"), " ", h("button", { key: "join", type: "button", class: "as-link", onClick: () => openDialog("new", { tab: "join" }) }, t("new.join"))],
        }),
        h(Documents, { key: "boards", kind: "board" }),
        h(Documents, { key: "pages", kind: "page" }),
      ],
    ),
    h(Me, {}),
  );
}

/** @param {{ kind: "board" | "page" }} properties */
function Documents({ kind }) {
  const model = useModel();
  const boards = kind === "board";
  const here = [...(boards ? model.boards : model.pages).value.values()].filter((one) => one.workspace_id === workspaceId.value && !one.deleted_at);
  here.sort((one, other) => Date.parse(other.updated_at) - Date.parse(one.updated_at));
  const { pane } = place.value;
  return h(Section, {
    name: boards ? "boards" : "pages",
    title: t(boards ? "sidebar.boards" : "sidebar.pages"),
    items: here,
    row: (document) => h(DocumentRow, { key: document.id, document, kind, current: pane?.name === kind && pane.of === String(document.id) }),
    add: { label: t(boards ? "sidebar.newBoard" : "sidebar.newPage"), act: () => openDialog("document", { kind }) },
    none: t(boards ? "sidebar.noBoards" : "sidebar.noPages"),
    all: { href: boards ? "/boards" : "/pages", label: t(boards ? "sidebar.allBoards" : "sidebar.allPages") },
  });
}

const isMac = /mac|iphone|ipad/i.test(navigator.platform);

/** Of all rows one is a tab stop: where one is, or the first. @param {HTMLElement | null} list */
function oneTabStop(list) {
  const rows = rowsOf(list);
  const focused = rows.find((row) => row === document.activeElement);
  const stop = focused ?? rows.find((row) => row.getAttribute("aria-current") === "page") ?? rows[0];
  for (const row of rows) {
    const wanted = row === stop ? 0 : -1;
    if (row.tabIndex !== wanted || !row.hasAttribute("tabindex")) row.tabIndex = wanted;
  }
}

/** @param {HTMLElement | null} list @returns {HTMLElement[]} */
function rowsOf(list) {
  return [...(list?.querySelectorAll(/** @type {"a"} */ ("a.row")) ?? [])];
}

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
function moveIn(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof Element) || !event.target.matches("a.row")) return;
  const rows = rowsOf(event.currentTarget);
  const here = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: Math.min(here + 1, rows.length - 1), ArrowUp: Math.max(here - 1, 0), Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  rows[to].focus();
  oneTabStop(event.currentTarget);
}
