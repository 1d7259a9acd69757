/** The pictures of a message, one at a time in all of the window. */

import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { allowFiles } from "./file_access.js";
import { averageColour, Image, previewOf, sizeInWords } from "./files.js";
import { senderName } from "./sender.js";
import { IconButton } from "../shell/icons.js";

/** @param {{ controller: import("./controller.js").Controller, message: Record<string, any>, fileId: number }} props */
export function Lightbox({ controller, message, fileId }) {
  const pictures = message.files.filter((/** @type {any} */ { type, state }) => type.startsWith("image/") && state === "ready");
  const at = useSignal(Math.max(0, pictures.findIndex((/** @type {any} */ { id }) => id === fileId)));
  const file = pictures[at.value];
  const step = (/** @type {number} */ by) => (at.value = (at.value + by + pictures.length) % pictures.length);
  const onKeyDown = (/** @type {KeyboardEvent} */ { key }) => {
    if (key === "ArrowRight") step(1);
    else if (key === "ArrowLeft") step(-1);
  };
  const { model } = controller;
  const about = [senderName(model.person(message.sender_id).value), sizeInWords(file.size), file.width ? `${file.width} × ${file.height}` : ""];
  const save = () => allowFiles().then(() => open(`/api/files/${file.id}?download=true`, "_self"), () => {});
  return h(
    Frame,
    { label: t("timeline.picture", { name: file.name }), class: "lightbox", onClose: () => controller.close() },
    h(
      "div",
      { class: "stage", onKeyDown },
      h(
        "header",
        {},
        h("strong", { dir: "auto" }, file.name),
        h("small", {}, about.filter(Boolean).join(" · ")),
        h(IconButton, { name: "save", label: t("timeline.download"), onClick: save }),
        h(IconButton, { name: "close", label: t("timeline.close"), onClick: () => controller.close() }),
      ),
      h(
        "div",
        { class: "shown", style: { aspectRatio: file.width ? `${file.width} / ${file.height}` : "4 / 3", backgroundColor: averageColour(file.placeholder) ?? undefined } },
        h(Image, { key: file.id, src: previewOf(file, "preview"), alt: file.name }),
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
