/** The service worker (worker.js): this page has it registered, and listens to what it says. */

const WORKER = "/worker.js";

/**
 * Without HTTPS or localhost a browser has no service workers: then the chats need the network to start.
 *
 * @param {{ updated: () => void, open: (path: string) => void }} listener `updated`: the server has newer files, for the next start
 */
export async function registerWorker({ updated, open }) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.type === "updated") updated();
    else if (data.type === "open") open(data.path);
  });
  await navigator.serviceWorker.register(/** @type {any} */ (trusted(WORKER)));
}

/** The one policy that the page's security policy names; it makes the one address there is. @param {string} address */
function trusted(address) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (!trustedTypes) return address;
  return trustedTypes.createPolicy("fechatter", { createScriptURL: () => WORKER }).createScriptURL(address);
}
