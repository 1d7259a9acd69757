/** Whether files can be fetched: until then, pictures have no address. */

import { allowFiles as allow } from "../../lib/file_access.js";
import { signal } from "../../vendor/preact.js";

export const areAllowed = signal(false);

/** Resolves once this browser may fetch files. @param {boolean} [anew] a file was not to be had: perhaps the cookie has ended */
export async function allowFiles(anew) {
  await allow(anew);
  areAllowed.value = true;
}
