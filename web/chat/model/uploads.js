/** A file on its way to the server. */

import { signal } from "../../vendor/preact.js";

/** @typedef {{ file: Blob, name: string, progressed: (bytes: number) => void, signal: AbortSignal }} Sent */

export class Upload {
  #aborting = new AbortController();
  #send;

  /** @param {File} file  @param {(what: Sent) => Promise<number>} send */
  constructor(file, send) {
    this.file = file;
    this.#send = send;
    /** How much of it the server has, from 0 to 1. */
    this.progress = signal(0);
    this.state = signal(/** @type {"sending" | "done" | "failed" | "cancelled"} */ ("sending"));
    /** Why it failed. */
    this.problem = signal(/** @type {Error | null} */ (null));
    /** The file's id. @type {Promise<number>} */
    this.id = this.#begin();
    this.id.catch(() => {}); // `state` says so, too
  }

  cancel() {
    if (this.state.peek() === "sending") this.state.value = "cancelled";
    this.#aborting.abort();
  }

  /** Once more, after it has failed. */
  retry() {
    if (this.state.peek() !== "failed") return;
    this.state.value = "sending";
    this.problem.value = null;
    this.id = this.#begin();
    this.id.catch(() => {});
  }

  async #begin() {
    const { file } = this;
    try {
      const progressed = (/** @type {number} */ bytes) => (this.progress.value = file.size ? bytes / file.size : 1);
      const id = await this.#send({ file, name: file.name, progressed, signal: this.#aborting.signal });
      this.state.value = "done";
      this.progress.value = 1;
      return id;
    } catch (problem) {
      if (this.state.peek() === "sending") {
        this.state.value = "failed";
        this.problem.value = problem;
      }
      throw problem;
    }
  }
}
