/**
 * What one has done on a page, to be undone and redone. An undo is the inverse of an edit, sent as an edit that goes by the
 * version in which the undone one was made: the server refuses it where others have changed the same since.
 */

/** @typedef {import("./replica.js").Edit} Edit */
/** @typedef {import("./replica.js").Replica} Replica */

/** Edits that are one step, in order. @typedef {{ edits: Edit[], at: number }} Step */

const MOST_STEPS = 200;
const TOGETHER_MS = 1500;

/** Events: `change` when there is something to undo or redo, or no longer. */
export class Undo extends EventTarget {
  /** @type {Step[]} */
  #done = [];
  /** @type {Step[]} */
  #undone = [];
  #closed = true;

  /** @param {Replica} replica  @param {() => number} [now] */
  constructor(replica, now = () => performance.now()) {
    super();
    this.replica = replica;
    this.now = now;
    replica.addEventListener("committed", (event) => {
      // What somebody else did since belongs to no step of one's own.
      if (/** @type {import("./replica.js").CommittedEvent} */ (event).edit === null) this.#closed = true;
    });
    replica.addEventListener("refused", (event) => this.#forget(/** @type {import("./replica.js").RefusedEvent} */ (event).edit));
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** An edit has been made, and is part of the step before it where both are of one group. @param {Edit} edit */
  note(edit) {
    const last = this.#done.at(-1);
    const [at, previous] = [this.now(), last?.edits.at(-1)];
    if (last && previous === edit) last.at = at; // which was only made longer
    else if (last && edit.group && previous?.group === edit.group && !this.#closed && at - last.at < TOGETHER_MS) {
      last.edits.push(edit);
      last.at = at;
    } else {
      this.#done.push({ edits: [edit], at });
      if (this.#done.length > MOST_STEPS) this.#done.shift();
    }
    this.#closed = false;
    this.#undone = [];
    this.#tell();
  }

  /** Undoes the last step; false if there is none. Raises PatchFailed if it does not fit any more. */
  undo() {
    return this.#revert(this.#done, this.#undone);
  }

  redo() {
    return this.#revert(this.#undone, this.#done);
  }

  /** @param {Step[]} from  @param {Step[]} to */
  #revert(from, to) {
    const step = from.pop();
    if (!step) return false;
    this.#closed = true;
    this.#tell();
    const [first] = step.edits;
    const patches = [...step.edits].reverse().flatMap(({ inverse }) => inverse ?? []);
    // One that is on its way is the server's to compare, since this one comes after it.
    const base = first.committed === null ? first.base : this.replica.undisturbed(first.committed);
    const edit = this.replica.edit(patches, { undoes: true, base });
    to.push({ edits: [edit], at: this.now() });
    this.#tell();
    return true;
  }

  /** A refused edit cannot be undone; an undo that was refused leaves nothing to redo. @param {Edit} edit */
  #forget(edit) {
    for (const steps of [this.#done, this.#undone]) {
      for (const step of steps) step.edits = step.edits.filter((one) => one !== edit);
    }
    this.#done = this.#done.filter(({ edits }) => edits.length);
    this.#undone = this.#undone.filter(({ edits }) => edits.length);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
