/** What opens above the timeline: the menu of a message, emoji to react with, and pictures. */

import { h, useLayoutEffect, useRef } from "../../vendor/preact.js";
import { EmojiPicker } from "../composer/emoji/picker.js";
import { t } from "../words/words.js";
import { shown } from "../../lib/actions.js";
import { Lightbox } from "./lightbox.js";
import { Emoji } from "./reactions.js";
import { Icon } from "../shell/icons.js";

/** @typedef {import("./controller.js").Controller} Controller */
/** @typedef {Record<string, any>} Message */

const QUICK = ["👍", "❤️", "😂", "🎉", "👀", "🙏", "✅"];

/** @param {{ controller: Controller }} props */
export function Layers({ controller }) {
  const opened = controller.opened.value;
  if (!opened) return null;
  const { message } = opened;
  if (opened.kind === "picture") {
    const files = message.files.filter((/** @type {any} */ { type, state }) => type.startsWith("image/") && state === "ready");
    return h(Lightbox, { key: message.id, model: controller.model, pictures: files.map((/** @type {any} */ file) => ({ file, message })), fileId: opened.fileId, onClose: () => controller.close() });
  }
  return h(LAYERS[opened.kind], { key: message.id, controller, message, at: opened.at });
}

/**
 * A list in the browser's top layer: Escape and clicks elsewhere close it, arrows move in it.
 *
 * @param {{ label: string, at: DOMRect, across?: boolean, onClose: () => void, role: "menu" | "toolbar", class: string, children?: any }} props
 */
function Popover({ label, at, across = false, onClose, role, class: name, children }) {
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    const element = /** @type {HTMLDivElement} */ (list.current);
    element.showPopover();
    const { offsetWidth: width, offsetHeight: height } = element;
    const below = at.bottom + 4 + height <= innerHeight || at.top < innerHeight - at.bottom;
    element.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    element.style.top = `${Math.max(8, Math.min(below ? at.bottom + 4 : at.top - 4 - height, innerHeight - height - 8))}px`;
    element.querySelector("button")?.focus({ preventScroll: true });
  }, []);
  const onKeyDown = (/** @type {KeyboardEvent & { currentTarget: HTMLElement }} */ event) => {
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const here = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const [next, previous] = across ? ["ArrowRight", "ArrowLeft"] : ["ArrowDown", "ArrowUp"];
    const to = { [next]: (here + 1) % buttons.length, [previous]: (here - 1 + buttons.length) % buttons.length, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined && event.key !== "Tab") return;
    event.preventDefault();
    if (to === undefined) onClose();
    else buttons[to].focus();
  };
  const onToggle = (/** @type {ToggleEvent} */ { newState }) => newState === "closed" && onClose();
  return h("div", { ref: list, popover: "auto", class: name, role, "aria-label": label, onKeyDown, onToggle }, children);
}

/** @param {{ controller: Controller, message: Message, at: DOMRect }} props */
function MessageMenu({ controller, message, at }) {
  const actions = controller.actionsOf(message);
  const pick = (/** @type {string} */ name) => {
    controller.close();
    controller.act(name, message);
  };
  const nameOf = (/** @type {import("./actions.js").MessageAction} */ { name, word }) => (name === "pin" && controller.isPinned(message) ? t("timeline.unpin") : t(word));
  return h(
    Popover,
    { label: t("timeline.tools"), at, onClose: () => controller.opened.value?.kind === "menu" && controller.close(), role: "menu", class: "menu of-message" },
    actions.map((action) =>
      h(
        "button",
        { key: action.name, type: "button", role: "menuitem", tabIndex: -1, class: action.isBad ? "bad" : undefined, onClick: () => pick(action.name), "aria-keyshortcuts": action.keys[0] },
        h("span", { class: "sign" }, h(Icon, { name: action.icon })),
        h("span", { class: "text" }, nameOf(action)),
        action.keys[0] && h("small", { "aria-hidden": "true" }, shown(action.keys[0])),
      ),
    ),
  );
}

/** @param {{ controller: Controller, message: Message, at: DOMRect }} props */
function QuickReactions({ controller, message, at }) {
  const me = controller.model.me.value.id;
  const own = new Set(message.reactions.filter((/** @type {any} */ { user_ids }) => user_ids.includes(me)).map((/** @type {any} */ { emoji }) => emoji));
  const workspaceId = controller.model.about(controller.chatId).value?.workspace_id;
  const custom = [...(controller.model.emoji.value.get(workspaceId)?.keys() ?? [])].slice(0, 16).map((name) => `:${name}:`);
  const pick = (/** @type {string} */ emoji) => {
    controller.close();
    controller.react(message, emoji, !own.has(emoji));
  };
  return h(
    Popover,
    { label: t("timeline.react"), at, across: true, onClose: () => controller.opened.value?.kind === "react" && controller.close(), role: "toolbar", class: "menu quick" },
    [...QUICK, ...custom].map((emoji) =>
      h("button", { key: emoji, type: "button", class: "icon", tabIndex: -1, "aria-label": emoji, "aria-pressed": own.has(emoji), onClick: () => pick(emoji) }, h(Emoji, { name: emoji, controller, chatId: message.chat_id })),
    ),
    h("button", { key: "more", type: "button", class: "icon", tabIndex: -1, "aria-label": t("emoji.picker"), title: t("emoji.picker"), onClick: () => (controller.opened.value = { kind: "emoji", message, at }) }, h(Icon, { name: "more" })),
  );
}

/** Any emoji to react with. @param {{ controller: Controller, message: Message, at: DOMRect }} props */
function AnyReaction({ controller, message, at }) {
  return h(EmojiPicker, {
    model: controller.model, workspaceId: controller.model.about(controller.chatId).value?.workspace_id, anchor: { getBoundingClientRect: () => at },
    choose: (emoji) => controller.react(message, emoji, true),
    close: () => controller.opened.value?.kind === "emoji" && controller.close(),
  });
}

const LAYERS = { menu: MessageMenu, react: QuickReactions, emoji: AnyReaction };
