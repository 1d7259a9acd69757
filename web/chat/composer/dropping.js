/** Files that are dropped anywhere on a chat, or on a thread, go to where its messages are written. */

import { useEffect, useSignal } from "../../vendor/preact.js";

/**
 * Whether files are being dragged over it.
 *
 * @param {{ current: HTMLElement | null }} root
 * @param {(files: File[]) => void} take
 */
export function useDrop(root, take) {
  const over = useSignal(false);
  useEffect(() => {
    const frame = root.current?.closest(".pane, .centre") ?? root.current;
    if (!frame) return undefined;
    const ending = new AbortController();
    const { signal } = ending;
    const heard = (/** @type {string} */ type, /** @type {(event: DragEvent) => void} */ act) =>
      frame.addEventListener(type, (event) => act(/** @type {DragEvent} */ (event)), { signal });
    const hasFiles = (/** @type {DragEvent} */ { dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;
    heard("dragover", (event) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      over.value = true;
    });
    heard("dragleave", ({ relatedTarget }) => {
      if (!frame.contains(/** @type {Node | null} */ (relatedTarget))) over.value = false;
    });
    heard("drop", (event) => {
      over.value = false;
      if (!hasFiles(event)) return;
      event.preventDefault();
      take([...(event.dataTransfer?.files ?? [])]);
    });
    return () => ending.abort();
  }, []);
  return over;
}
