/**
 * What changes about the board itself, as events of notify_server (docs/events.md): its name, its members, one's role. On
 * the board there is another socket; of roles that one knows only what it refuses.
 */

import { freshToken, SignedOut } from "../../lib/session.js";

const LONGEST_WAIT_MS = 30_000;
const AUTH_EVERY_MS = 60_000;

/** `heard(type, payload)` gets the events of the board; `missed()` is called when some may have been missed. */
export function follow(sockets, boardId, { heard, missed }) {
  let failures = 0;

  async function open() {
    const socket = new WebSocket(`${sockets}/api/ws`);
    const introduce = async () => socket.send(JSON.stringify({ type: "auth", payload: { token: await freshToken() } }));
    // A socket ends with its token, and goes on with a fresh one.
    const timer = setInterval(() => socket.readyState === WebSocket.OPEN && introduce().catch(() => {}), AUTH_EVERY_MS);
    const over = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("open", () => introduce().catch(() => socket.close()));
    socket.addEventListener("message", ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === "ready") {
        if (failures > 0) missed();
        failures = 0;
      } else if (type.includes("Board") && (payload.board_id ?? payload.id) === boardId) {
        heard(type, payload);
      }
    });
    await over;
    clearInterval(timer);
  }

  async function keepOpen() {
    for (;;) {
      try {
        await freshToken();
        await open();
      } catch (problem) {
        if (problem instanceof SignedOut) return;
      }
      failures++;
      const wait = Math.min(500 * 2 ** failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => {
        if (navigator.onLine) setTimeout(resolve, wait);
        else addEventListener("online", resolve, { once: true });
      });
    }
  }

  keepOpen();
}
