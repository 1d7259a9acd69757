/** A dialog of the browser's, in its top layer. */

import { h, useEffect, useRef } from "../../vendor/preact.js";

/** A dialog that is there as long as it is drawn. @param {{ label: string, class?: string, onClose: () => void, children?: any }} props */
export function Dialog({ label, class: name, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLDialogElement} */ (dialog.current);
    element.showModal();
    return () => element.close();
  }, []);
  const onClick = (/** @type {MouseEvent} */ { target }) => target === dialog.current && onClose();
  return h("dialog", { ref: dialog, class: name, "aria-label": label, onClose, onClick }, children);
}
