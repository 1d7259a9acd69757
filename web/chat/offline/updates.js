/** Newer files of the page: they are taken when nobody looks at it and nothing would be lost. */

import { registerWorker } from "./register.js";

/**
 * @param {import("../model/model.js").Model} model
 * @param {(path: string) => void} open shows what a notification leads to
 */
export async function startOffline(model, open) {
  let isNewer = false;
  const perhaps = () => {
    if (isNewer && document.hidden && isIdle(model)) location.reload();
  };
  document.addEventListener("visibilitychange", perhaps);
  const updated = () => {
    isNewer = true;
    perhaps();
  };
  // Private windows of some browsers refuse: then the page needs the network to start.
  await registerWorker({ updated, open }).catch(() => {});
}

/** Nothing is on its way, and no field has text that only this page has. @param {import("../model/model.js").Model} model */
function isIdle(model) {
  const fields = [...document.querySelectorAll("textarea, input")];
  const written = fields.some((field) => /** @type {HTMLInputElement} */ (field).value !== "" && field.checkVisibility());
  return model.outbox.value.length === 0 && !written && !document.querySelector("dialog[open]");
}
