/** The events of notify_server (docs/events.md), over its WebSocket (docs/websocket.md), for as long as the page is there. */

import { freshToken } from "./session.js";
import { ReconnectingSocket } from "../client/socket.js";

const AUTH_EVERY_MS = 60_000;

/**
 * Calls `heard(type, payload)` for each event, and `missed()` when some may have been missed.
 *
 * @param {string} sockets where notify_server is: "ws://host:port"
 * @param {{ heard: (type: string, payload: any) => void, missed: () => void }} listener
 * @returns {ReconnectingSocket} to be closed when it is not wanted any more
 */
export function follow(sockets, { heard, missed }) {
  const socket = new ReconnectingSocket({ make: () => new WebSocket(`${sockets}/api/ws`), prepare: () => freshToken(), probe: introduce });
  let wasReady = false;

  async function introduce() {
    try {
      socket.send(JSON.stringify({ type: "auth", payload: { token: await freshToken() } }));
    } catch {
      // Without a token there is nothing to say: the server will end the connection.
    }
  }

  // A connection ends with its token, and goes on with a fresh one.
  const timer = setInterval(introduce, AUTH_EVERY_MS);
  socket.addEventListener("state", () => {
    if (socket.state === "open") introduce();
    else if (socket.state === "closed") clearInterval(timer);
  });
  socket.addEventListener("message", (event) => {
    const { type, payload } = JSON.parse(/** @type {MessageEvent} */ (event).data);
    if (type === "retry") socket.postpone(payload.milliseconds);
    else if (type === "ready") {
      socket.settle();
      if (wasReady) missed();
      wasReady = true;
    } else heard(type, payload);
  });
  socket.open();
  return socket;
}
