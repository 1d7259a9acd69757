/** The entry point: all calls by their noun, the stream of events, and uploads. */

import { bound, groups, sync } from "./calls/index.js";
import { authorized, sender } from "./request.js";
import { upload } from "./uploads.js";

/** @typedef {import("./calls/index.js").Calls} Calls */

/**
 * Asks as one user: `client.chats.list()`, `client.messages.post(1, { content: "hello" })`. `token` gives an access token, as
 * a Session's `token` does. `request` is how it asks for anything else.
 *
 * @param {{
 *   token: (refused?: string) => Promise<string>, base?: string, fetch?: typeof globalThis.fetch, send?: import("./request.js").Send,
 * }} options
 */
export function client({ token, base, fetch, send = sender({ base, fetch }) }) {
  const request = authorized(send, token);
  const calls = Object.fromEntries(Object.entries(groups).map(([noun, group]) => [noun, bound(group, request)]));
  return {
    .../** @type {Calls} */ (/** @type {any} */ (calls)),
    request,
    sync: sync(request),
    /** @param {Parameters<typeof upload>[1]} what */
    upload: (what) => upload(request, what),
  };
}

/** @typedef {ReturnType<typeof client>} Client */
