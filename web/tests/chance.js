/** Chance that is the same each time: numbers below a bound, and things chosen by it. */
export function chance(seed) {
  let state = seed;
  const below = (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  return { below, from: (things) => things[below(things.length)] };
}
