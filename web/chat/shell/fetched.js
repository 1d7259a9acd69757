/** Parts of the page that are fetched when they are first needed. */

import { Unreachable } from "../../client/request.js";

/** What a dynamic import gives, or Unreachable: browsers only say that it failed. @template T @param {() => Promise<T>} load @returns {Promise<T>} */
export const fetched = (load) =>
  load().catch(() => {
    throw new Unreachable();
  });
