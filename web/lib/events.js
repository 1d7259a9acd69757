/** The events of notify_server (docs/events.md) for as long as the page is there. */

import { Stream } from "../client/stream.js";
import { freshToken } from "./session.js";

/**
 * Calls `heard(kind, data)` for each event, and `missed()` when some were missed. Call `close()` of what it returns when it
 * is not wanted any more.
 *
 * @param {string} sockets where notify_server is: "ws://host:port"
 * @param {{ heard: (kind: string, data: any) => void, missed: () => void }} listener
 */
export function follow(sockets, { heard, missed }) {
  const stream = new Stream({
    sockets,
    token: freshToken,
    sse: false, // the pages' policy lets them connect to the sockets alone
    heard({ kind, data }) {
      if (kind === "reset") missed();
      else if (kind !== "ready") heard(kind, data);
    },
  });
  stream.open();
  return stream;
}
