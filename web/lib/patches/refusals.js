/** What is refused of a patch: the limits, and the errors that say so. */

/** What servers admit unless they are configured otherwise, and what none may be configured to admit more of. */
export const LIMITS = { operations: 1000, depth: 64 };
export const MOST = { operations: 100_000, depth: 200 };

/** An operation, whose place in the patch is `index`, cannot be applied; -1 if the patch is not a list. */
export class PatchFailed extends Error {
  /**
   * @param {number} place
   * @param {string} reason
   */
  constructor(place, reason) {
    super(place < 0 ? reason : `operation ${place}: ${reason}`);
    this.index = place;
    this.reason = reason;
  }
}

/** The patch, or the document that it would make, exceeds a limit: `operations` or `depth`. */
export class TooLarge extends Error {
  /** @param {"operations" | "depth"} limit */
  constructor(limit) {
    super(limit === "depth" ? "too many levels of objects and arrays" : "too many operations in a patch");
    this.limit = limit;
  }
}
