/**
 * Calls `act` at once, and while calls keep coming once in `ms`, each time with the newest arguments.
 *
 * @template {any[]} A
 * @param {number} ms
 * @param {(...args: A) => void} act
 * @returns {{ (...args: A): void, flush: () => void }} `flush()` does now what waits
 */
export function paced(ms, act) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {A | null} */
  let waiting = null;

  function next() {
    timer = undefined;
    if (waiting) run(waiting);
  }

  /** @param {A} args */
  function run(args) {
    waiting = null;
    act(...args);
    timer = setTimeout(next, ms);
  }

  /** @param {A} args */
  function call(...args) {
    if (timer === undefined) run(args);
    else waiting = args;
  }

  function flush() {
    clearTimeout(timer);
    next();
  }

  return Object.assign(call, { flush });
}
