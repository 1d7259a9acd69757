/** The pictures and films of a chat as a grid: one tab stop with arrows inside, and each opens in all of the window. */

import { h, useRef, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { Icon } from "../shell/icons.js";
import { go, place } from "../shell/router.js";
import { Image, previewOf } from "../timeline/files.js";
import { Lightbox } from "../timeline/lightbox.js";
import { Placeholder } from "../timeline/placeholder.js";
import { dayOf } from "../words/dates.js";
import { t } from "../words/words.js";

/** @typedef {import("./files.js").Item} Item */

/** @param {Record<string, any>} file */
export const isMedia = ({ type, state }) => state === "ready" && /^(image|video)\//.test(type);

/** @param {{ items: Item[], more?: () => unknown }} properties `more` gets what follows */
export function Gallery({ items, more }) {
  const model = useModel();
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  const at = useSignal(0);
  const opened = useSignal(/** @type {Item | null} */ (null));
  const here = Math.min(at.value, items.length - 1);
  const focus = (/** @type {number} */ index) => {
    at.value = index;
    /** @type {HTMLElement | undefined} */ (list.current?.querySelectorAll("button")[index])?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const across = list.current ? getComputedStyle(list.current).gridTemplateColumns.split(" ").length : 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -here, End: items.length - 1 - here }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (items[here + step]) focus(here + step);
  };
  const show = (/** @type {Item} */ item, /** @type {number} */ index) => {
    at.value = index;
    opened.value = item;
  };
  const onClose = (/** @type {Item} */ { file, message }) => {
    opened.value = null;
    focus(items.findIndex((item) => item.file.id === file.id && item.message.id === message.id));
  };
  const goTo = (/** @type {Record<string, any>} */ message) => {
    opened.value = null;
    go({ chatId: message.chat_id, messageId: message.id, pane: place.peek().pane });
  };
  return [
    h("ul", { key: "grid", ref: list, class: "gallery", "aria-label": t("files.images"), onKeyDown }, items.map((item, index) => h(Cell, { key: `${item.message.id}/${item.file.id}`, item, isActive: index === here, show: () => show(item, index) }))),
    opened.value && h(Lightbox, { key: "open", model, pictures: items, fileId: opened.value.file.id, onClose, goTo, onEnd: more }),
  ];
}

/** @param {{ item: Item, isActive: boolean, show: () => void }} properties */
function Cell({ item: { file, message }, isActive, show }) {
  const isFilm = file.type.startsWith("video/");
  const label = `${t(isFilm ? "timeline.film" : "timeline.picture", { name: file.name })}, ${dayOf(message.created_at)}`;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", tabIndex: isActive ? 0 : -1, "aria-label": label, title: file.name, onClick: show },
      h(Placeholder, { of: file.placeholder }),
      (!isFilm || file.previews.includes("thumbnail")) && h(Image, { src: previewOf(file, "thumbnail"), alt: "" }),
      isFilm && h("span", { class: "film-sign" }, h(Icon, { name: "play" }), file.duration ? clock(file.duration) : ""),
    ),
  );
}

/** "1:05" @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
