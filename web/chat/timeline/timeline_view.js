/** The timeline of a chat or thread: a window of its rows, and what belongs to it. `h(TimelineView, { model, chatId, target })`. */

import { h, useEffect, useLayoutEffect, useMemo, useRef } from "../../vendor/preact.js";
import { openChat, openPane } from "../shell/router.js";
import { languageTag, t } from "../words/words.js";
import { actionOfKey } from "./actions.js";
import { Announcer } from "./announcer.js";
import { Beginning } from "./beginning.js";
import { Controller } from "./controller.js";
import { allowFiles } from "./file_access.js";
import { itemsOf, keyOf } from "./items.js";
import { Layers } from "./layers.js";
import { MessageRow } from "./message_row.js";
import { Receipt } from "./receipt.js";
import { Scroll } from "./scroll.js";
import { Icon } from "../shell/icons.js";

/** @typedef {import("../model/model.js").Model} Model */

const BY_INPUT_METHOD = 229;
/** Those that are open, the newest last. @type {Controller[]} */
const open = [];

/** Edits the last message of one's own in a chat's timeline, or a thread's; whether there is one. @param {number} chatId  @param {number | null} [threadId] */
export function editLast(chatId, threadId = null) {
  return open.findLast((one) => one.chatId === chatId && one.threadId === threadId)?.editLast() ?? false;
}

/** @param {{ model: Model, chatId: number, threadId?: number | null, target?: number | null }} props */
export function TimelineView({ model, chatId, threadId = null, target = null }) {
  return h(Opened, { key: `${chatId}/${threadId ?? ""}`, model, chatId, threadId, target });
}

/** @param {{ model: Model, chatId: number, threadId: number | null, target: number | null }} props */
function Opened({ model, chatId, threadId, target }) {
  const controller = useMemo(() => {
    const timeline = threadId === null ? model.timeline(chatId) : model.thread(threadId, chatId);
    const go = { thread: (/** @type {number} */ id) => openPane("thread", id), message: openChat };
    return new Controller({ model, timeline, chatId, threadId, go });
  }, []);
  useEffect(() => {
    allowFiles().catch(() => {});
    open.push(controller);
    return () => {
      open.splice(open.indexOf(controller), 1);
      controller.leave();
    };
  }, []);
  useEffect(() => {
    controller.open(target ?? undefined).catch((/** @type {Error} */ problem) => {
      controller.told.value = problem.message;
      controller.open(undefined);
    });
  }, [target]);
  return h(
    "div",
    { class: "timeline" },
    h(Rows, { controller }),
    h(Announcer, { controller }),
    h(ToNewest, { controller }),
    h("p", { class: "told", role: "alert" }, controller.told.value),
    h(Layers, { controller }),
  );
}

/** @param {{ controller: Controller }} props */
function Rows({ controller }) {
  const { timeline, window } = controller;
  const scroller = useRef(/** @type {HTMLDivElement | null} */ (null));
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const rows = controller.isPlaced.value ? timeline.rows.value : [];
  controller.moved.value; // the window may be elsewhere
  // What is in view is measured here, before anything changes, and put back below, in the same task.
  controller.before(rows);
  useLayoutEffect(() => controller.after());
  useLayoutEffect(() => observe(controller, /** @type {HTMLElement} */ (scroller.current), /** @type {HTMLElement} */ (list.current)), []);
  const items = itemsOf(rows, window.start, window.end, controller.newFrom.value);
  const active = controller.activeAmong(items.map(({ key }) => key));
  const [target, editing, language] = [controller.target.value, controller.editing.value, languageTag.value];
  const shown = items.map((item) => {
    const { key, message, beginsDay, isFirstNew, isQuoting, isGrouped } = item;
    const row = { ...item, controller, isActive: key === active, isTarget: key === target, isEdited: key === editing };
    return h(Kept, { key, row, of: [message, beginsDay, isFirstNew, isQuoting, isGrouped, key === active, key === target, key === editing, language] });
  });
  const begins = controller.isPlaced.value && timeline.atStart.value && window.isAtStart;
  return h(
    "div",
    { class: "scroller", ref: scroller, tabIndex: -1 },
    begins && !rows.length && controller.threadId === null
      ? h(Beginning, { model: controller.model, chatId: controller.chatId })
      : h("p", { class: "beginning", hidden: !begins }, rows.length ? t("timeline.beginning") : t("timeline.empty")),
    h("p", { class: "loading", "aria-hidden": "true" }, begins ? "" : t("timeline.loading")),
    h(
      "div",
      {
        class: "rows", ref: list, role: rows.length ? "feed" : undefined, "aria-busy": timeline.loading.value !== null, "aria-label": rows.length ? t("timeline.messages") : undefined,
        onKeyDown: (/** @type {KeyboardEvent} */ event) => onKey(event, controller),
        onFocusIn: (/** @type {FocusEvent} */ event) => {
          const key = keyAt(event);
          controller.focused.value = key;
          if (key) controller.active.value = key;
        },
        onFocusOut: (/** @type {FocusEvent} */ event) => (controller.focused.value = rowAt(event.relatedTarget)),
        // As `:hover` has it: a finger that has tapped a row stays on it, and is no pointer any more.
        onMouseOver: (/** @type {MouseEvent} */ event) => (controller.pointed.value = keyAt(event)),
        onMouseLeave: () => (controller.pointed.value = null),
        onContextMenu: (/** @type {MouseEvent} */ event) => onContextMenu(event, controller),
      },
      shown,
    ),
    h(Receipt, { controller }),
  );
}

/**
 * A row, which is drawn again only if something `of` it is another. (The same vnode again would do as well, but each holds
 * the list that it was made in, with rows that are long gone.)
 *
 * @this {any}
 */
function Kept(/** @type {{ row: Parameters<typeof MessageRow>[0], of: unknown[] }} */ { row }) {
  this.shouldComponentUpdate = (/** @type {{ of: unknown[] }} */ { of }) => of.some((one, place) => one !== this.props.of[place]);
  return h(MessageRow, row);
}

/** Follows how the list is scrolled and how its rows grow. @param {Controller} controller  @param {HTMLElement} scroller  @param {HTMLElement} list */
function observe(controller, scroller, list) {
  controller.scroll = new Scroll(scroller, list);
  const scroll = controller.scroll;
  const onScroll = () => {
    scroll.measure();
    controller.look();
  };
  const onAttention = () => controller.look();
  const sizes = new ResizeObserver(() => {
    if (!controller.isPlaced.peek()) return;
    scroll.hold();
    controller.look();
  });
  sizes.observe(list);
  sizes.observe(scroller);
  scroller.addEventListener("scroll", onScroll, { passive: true });
  const attention = /** @type {const} */ (["focus", "blur"]);
  for (const type of attention) addEventListener(type, onAttention);
  document.addEventListener("visibilitychange", onAttention);
  return () => {
    sizes.disconnect();
    scroller.removeEventListener("scroll", onScroll);
    for (const type of attention) removeEventListener(type, onAttention);
    document.removeEventListener("visibilitychange", onAttention);
  };
}

/** The row that something has happened in. @param {Event} event */
const keyAt = (event) => rowAt(event.target);

/** @param {EventTarget | null} target */
const rowAt = (target) => (target instanceof Element ? (target.closest("article")?.dataset.key ?? null) : null);

/** @param {Controller} controller  @param {string} key */
const messageOf = (controller, key) => controller.timeline.rows.peek().find((message) => keyOf(message) === key);

/** @param {KeyboardEvent} event  @param {Controller} controller */
function onKey(event, controller) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.isComposing || event.keyCode === BY_INPUT_METHOD || event.defaultPrevented || target.closest("textarea, input")) return;
  const key = keyAt(event);
  const message = key && messageOf(controller, key);
  if (!key || !message) return;
  const steps = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity });
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && event.key in steps && !target.closest("pre, audio, video")) {
    event.preventDefault();
    controller.step(steps[event.key], key);
  } else if (event.key === "Escape" && target.tagName !== "ARTICLE") controller.rowOf(key)?.focus({ preventScroll: true });
  else if (target.tagName === "ARTICLE") {
    const opensMenu = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) || (event.key === "Enter" && plain);
    const action = opensMenu ? null : actionOfKey(event, message, controller.standing());
    if (!opensMenu && !action) return;
    event.preventDefault();
    if (action) controller.act(action.name, message);
    else controller.openMenu(message, target.getBoundingClientRect());
  }
}

/** @param {MouseEvent} event  @param {Controller} controller */
function onContextMenu(event, controller) {
  const key = keyAt(event);
  const message = key && messageOf(controller, key);
  const inside = /** @type {HTMLElement} */ (event.target).closest("a, img, video, audio, textarea");
  // Links, pictures and selected text have the browser's own menu.
  if (!message || inside || !getSelection()?.isCollapsed) return;
  event.preventDefault();
  controller.openMenu(message, new DOMRect(event.clientX, event.clientY, 0, 0));
}

/** @param {{ controller: Controller }} props */
function ToNewest({ controller }) {
  if (!controller.isAway.value || !controller.isPlaced.value) return null;
  const unread = controller.threadId === null ? (controller.model.chat(controller.chatId).value?.unread ?? 0) : 0;
  return h(
    "button",
    { type: "button", class: "to-newest", onClick: () => controller.toNewest() },
    h(Icon, { name: "down" }),
    unread > 0 ? t("timeline.newMessages", { n: unread }) : t("timeline.toNewest"),
  );
}
