/** What happens, as an endless iteration: a snapshot first, then each event once; another snapshot when events were missed. */

import { homeOf, Stream } from "./stream.js";

/** @typedef {import("./stream.js").StreamEvent} StreamEvent */
/** @typedef {{ kind: "Snapshot", data: import("./calls/types.js").Answer<"GET /sync">, cursor: string, reason: string | null }} SnapshotEvent */
/** @typedef {SnapshotEvent | import("./event_types.js").LogEvent | import("./event_types.js").EphemeralEvent} Event */

/**
 * Yields `{ kind: "Snapshot", data, cursor }` first, unless it begins at a `cursor`, then events of docs/events.md. After
 * events that the server no longer has, the next one is a Snapshot again. It ends when its `signal` is aborted, and throws
 * SignedOut when the session is over. To go on later, keep the `cursor` of the last event that was handled.
 *
 * @param {{
 *   client: Pick<import("./client.js").Client, "sync">, token: (refused?: string) => Promise<string>, sockets: string,
 *   cursor?: string | null, signal?: AbortSignal, ephemeral?: boolean,
 *   WebSocket?: typeof globalThis.WebSocket, fetch?: typeof globalThis.fetch, sse?: boolean,
 *   place?: import("./surroundings.js").Surroundings,
 * }} options with `ephemeral` also Typing and PresenceChanged, which have no cursor
 * @returns {AsyncGenerator<Event, void>}
 */
export async function* events({ client, token, cursor = null, signal, ephemeral = false, ...connection }) {
  /** @type {StreamEvent[]} */
  let queue = [];
  let wake = () => {};
  /** @type {unknown} */
  let ended;
  let home = /** @type {number | null} */ (null);
  const stream = new Stream({
    ...connection,
    home: () => home,
    // Why it ends is known where the token is asked for.
    token: (refused) => token(refused).catch((problem) => Promise.reject((ended = problem))),
    cursor,
    heard(event) {
      queue.push(event);
      wake();
    },
    changed: (state) => state === "closed" && wake(),
  });
  const stop = () => stream.close();
  signal?.addEventListener("abort", stop);
  let isBehind = cursor === null;
  let reason = /** @type {string | null} */ (null);
  try {
    while (!signal?.aborted) {
      if (isBehind) {
        const snapshot = await client.sync({}, { signal });
        [queue, isBehind] = [[], false];
        stream.cursor = snapshot.cursor;
        home = homeOf(snapshot.workspaces);
        yield { kind: "Snapshot", data: snapshot, cursor: snapshot.cursor, reason };
      }
      if (stream.state === "closed" && !signal?.aborted) stream.open();
      const woken = new Promise((/** @type {(value: null) => void} */ resolve) => (wake = () => resolve(null)));
      const event = queue.shift();
      if (!event) {
        await woken;
        if (stream.state === "closed" && !signal?.aborted) throw ended;
      } else if (event.kind === "reset") {
        [isBehind, reason] = [true, event.data.reason];
        stream.close();
      } else if (event.kind !== "ready" && (event.cursor || ephemeral)) yield /** @type {Event} */ (event);
    }
  } catch (problem) {
    if (!signal?.aborted) throw problem;
  } finally {
    signal?.removeEventListener("abort", stop);
    stream.close();
  }
}
