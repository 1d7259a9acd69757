/** Pictures, of a message or of a chat, one at a time in all of the window. */

import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { dayOf } from "../words/dates.js";
import { sizeInWords, t } from "../words/words.js";
import { allowFiles } from "./file_access.js";
import { averageColour, Image, Player, previewOf } from "./files.js";
import { senderName } from "./sender.js";
import { IconButton } from "../shell/icons.js";

/** @typedef {{ file: Record<string, any>, message: Record<string, any> }} Shown */

/**
 * @param {{
 *   model: import("../model/model.js").Model, pictures: Shown[], fileId: number, onClose: (shown: Shown) => void,
 *   goTo?: (message: Record<string, any>) => void, onEnd?: () => void,
 * }} props `goTo` leads to the message of what is shown; `onEnd` is told when the last is reached, of which there may be more
 */
export function Lightbox({ model, pictures, fileId, onClose, goTo, onEnd }) {
  const at = useSignal(Math.max(0, pictures.findIndex(({ file }) => file.id === fileId)));
  const shown = pictures[at.value];
  const { file, message } = shown;
  const isFilm = file.type.startsWith("video/");
  const step = (/** @type {number} */ by) => {
    at.value = (at.value + by + pictures.length) % pictures.length;
    if (at.value === pictures.length - 1) onEnd?.();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ { key, target }) => {
    if (target instanceof HTMLMediaElement) return; // in which arrows wind
    if (key === "ArrowRight") step(1);
    else if (key === "ArrowLeft") step(-1);
  };
  const close = () => onClose(shown);
  const about = [senderName(model.person(message.sender_id).value), dayOf(message.created_at), sizeInWords(file.size), file.width ? `${file.width} × ${file.height}` : ""];
  const save = () => allowFiles().then(() => open(`/api/files/${file.id}?download=true`, "_self"), () => {});
  return h(
    Frame,
    { label: t(isFilm ? "timeline.film" : "timeline.picture", { name: file.name }), class: "lightbox", onClose: close },
    h(
      "div",
      { class: "stage", onKeyDown },
      h(
        "header",
        {},
        h("div", { class: "about" }, h("strong", { dir: "auto" }, file.name), h("small", {}, about.filter(Boolean).join(" · "))),
        goTo && h(IconButton, { name: "forward", label: t("timeline.goTo"), onClick: () => goTo(message) }),
        h(IconButton, { name: "save", label: t("timeline.download"), onClick: save }),
        h(IconButton, { name: "close", label: t("timeline.close"), onClick: close }),
      ),
      isFilm
        ? h("div", { class: "shown", key: file.id }, h(Player, { file, tag: "video" }))
        : h(
            "div",
            { key: file.id, class: "shown", style: { aspectRatio: file.width ? `${file.width} / ${file.height}` : "4 / 3", "--width": file.width ? `${file.width}px` : undefined, backgroundColor: averageColour(file.placeholder) ?? undefined } },
            h(Image, { src: previewOf(file, "preview"), alt: file.name, retries: true }),
          ),
      pictures.length > 1 && [
        h(IconButton, { key: "previous", class: "previous", name: "back", label: t("timeline.previous"), onClick: () => step(-1) }),
        h(IconButton, { key: "next", class: "next", name: "chevron", label: t("timeline.next"), onClick: () => step(1) }),
        h("p", { class: "count", role: "status" }, `${at.value + 1} / ${pictures.length}`),
      ],
    ),
  );
}

/** A dialog without a header of its own: the picture has all of the window. @param {{ label: string, class?: string, onClose: () => void, children?: any }} props */
function Frame({ label, class: name, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLDialogElement} */ (dialog.current);
    element.showModal();
    return () => element.close();
  }, []);
  const onClick = (/** @type {MouseEvent} */ { target }) => target === dialog.current && onClose();
  return h("dialog", { ref: dialog, class: name, "aria-label": label, onClose, onClick }, children);
}
