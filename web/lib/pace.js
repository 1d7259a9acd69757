/** Calls `act` at once, and while calls keep coming once in `ms`, each time with the newest arguments. */
export function paced(ms, act) {
  let timer = null;
  let waiting = null;

  function next() {
    timer = null;
    if (waiting) run(waiting);
  }

  function run(args) {
    waiting = null;
    act(...args);
    timer = setTimeout(next, ms);
  }

  const call = (...args) => {
    if (timer === null) run(args);
    else waiting = args;
  };
  /** What waits is done now. */
  call.flush = () => {
    clearTimeout(timer);
    next();
  };
  return call;
}
