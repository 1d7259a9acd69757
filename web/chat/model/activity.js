/**
 * Whether somebody uses this browser's pages: after five minutes without a key or a touch in any tab, the server is told that
 * the session is idle, by one of the tabs. Others see its user as away then, and what is to reach them elsewhere does not wait.
 */

const ACTIVE_AT = "fechatter.active_at";
/** What the server was told last, by any tab; without it, it takes nobody for idle. */
const TOLD_IDLE = "fechatter.told_idle";
const IDLE_MS = 300_000;
const LOOK_MS = 30_000;

/** @param {import("./model.js").Model} model  @param {{ now?: () => number, every?: (look: () => void, ms: number) => unknown }} [clock] */
export function startActivity(model, { now = Date.now, every = setInterval } = {}) {
  const idleFor = (/** @type {string | null} */ last) => now() - Number(last) >= IDLE_MS;
  let noted = 0;
  const tell = (/** @type {boolean} */ idle) => {
    if (idle === (localStorage.getItem(TOLD_IDLE) === "true")) return;
    localStorage.setItem(TOLD_IDLE, String(idle));
    model.api.users.reportActivity({ idle }).catch(() => localStorage.setItem(TOLD_IDLE, String(!idle))); // it is told when it is looked at again
  };
  const used = () => {
    if (now() - noted > LOOK_MS / 3) {
      noted = now();
      localStorage.setItem(ACTIVE_AT, String(noted));
    }
    tell(false);
  };
  const look = () => tell(idleFor(localStorage.getItem(ACTIVE_AT)));
  for (const kind of ["keydown", "pointerdown", "wheel", "touchstart"]) addEventListener(kind, used, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => !document.hidden && used());
  used();
  every(look, LOOK_MS);
}
