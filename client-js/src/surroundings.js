/** What a connection needs of the place where it runs: a clock, and whether there is a network and somebody who looks. */

/**
 * `watch` calls what it is given when that happens, until the function that it returns is called: `offline`, `online`,
 * `away` (the page goes into the back/forward cache), `back` (it returns from there), `visible`.
 *
 * @typedef {{
 *   now: () => number,
 *   after: (ms: number, act: () => void) => () => void,
 *   online: () => boolean,
 *   watch: (heard: Heard) => () => void,
 * }} Surroundings
 * @typedef {{ offline: () => void, online: () => void, away: () => void, back: () => void, visible: () => void }} Heard
 */

/** Those of a page, of a worker or of a process. @returns {Surroundings} */
export function surroundings() {
  return {
    now: () => Date.now(),
    after(ms, act) {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    online: () => globalThis.navigator?.onLine ?? true,
    watch,
  };
}

/** @param {Heard} heard */
function watch(heard) {
  const place = /** @type {any} */ (globalThis);
  const page = place.document;
  /** @type {[any, string, (event: any) => void][]} */
  const listeners = [
    [place, "offline", heard.offline],
    [place, "online", heard.online],
    [place, "pagehide", heard.away],
    [place, "pageshow", ({ persisted }) => persisted && heard.back()],
    [page, "visibilitychange", () => page.visibilityState === "visible" && heard.visible()],
  ];
  const there = listeners.filter(([target]) => target?.addEventListener);
  for (const [target, type, act] of there) target.addEventListener(type, act);
  return () => there.forEach(([target, type, act]) => target.removeEventListener(type, act));
}
