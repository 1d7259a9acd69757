/** Files on their way to a workspace, in parts as tus has them, so that a cut costs only the part that it was in. */

import { authorized, Problem, Unreachable } from "../../client/request.js";
import { send } from "../../lib/http.js";
import { signal } from "../../vendor/preact.js";

const PART_BYTES = 4 * 1024 * 1024;
const ATTEMPTS = 5;
const AGAIN_MS = 1000;

/** @typedef {"waiting" | "sending" | "done" | "failed" | "cancelled"} UploadState */
/** @typedef {(refused?: string) => Promise<string>} Token */

export class Upload {
  /** From 0 to 1. */
  progress = signal(0);
  state = signal(/** @type {UploadState} */ ("waiting"));
  #file;
  #ending = new AbortController();
  #send;
  /** @type {string | null} */
  #path = null;

  /** @param {File} file  @param {number} workspaceId  @param {Token} token */
  constructor(file, workspaceId, token) {
    this.#file = file;
    this.#send = authorized(send, token);
    /** Of the file, once the server has all of it. @type {Promise<number>} */
    this.id = this.#run(workspaceId);
    this.id.catch(() => {}); // whoever shows it says so
  }

  cancel() {
    if (this.state.peek() === "done") return;
    this.state.value = "cancelled";
    this.#ending.abort();
    if (this.#path) this.#ask("DELETE", this.#path).catch(() => {}); // else it expires
  }

  /** @param {number} workspaceId */
  async #run(workspaceId) {
    this.state.value = "sending";
    try {
      const begun = await this.#begin(workspaceId);
      let [offset, id] = [0, begun];
      while (id === null) {
        const part = this.#file.slice(offset, offset + PART_BYTES);
        id = await this.#part(part, offset);
        offset += part.size;
        this.progress.value = offset / this.#file.size;
      }
      this.state.value = "done";
      this.progress.value = 1;
      return id;
    } catch (problem) {
      if (this.state.peek() !== "cancelled") this.state.value = "failed";
      throw problem;
    }
  }

  /** @param {number} workspaceId */
  async #begin(workspaceId) {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.#file.name)));
    const headers = { "Upload-Length": String(this.#file.size), "Upload-Metadata": `filename ${name}` };
    const answer = await this.#ask("POST", `/workspaces/${workspaceId}/uploads`, headers);
    this.#path = (answer.headers.get("Location") ?? "").replace(/^.*\/api/, "");
    return fileIn(answer);
  }

  /** Sends a part, and again what of it has not arrived. @param {Blob} part  @param {number} offset */
  async #part(part, offset) {
    const path = /** @type {string} */ (this.#path);
    for (let attempt = 1, from = offset; ; attempt += 1) {
      try {
        return fileIn(await this.#ask("PATCH", path, { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" }, part.slice(from - offset)));
      } catch (problem) {
        if (attempt === ATTEMPTS || !mayPass(problem) || this.#ending.signal.aborted) throw problem;
      }
      await new Promise((again) => void setTimeout(again, AGAIN_MS * attempt));
      const state = await this.#ask("HEAD", path).catch(() => null);
      if (!state) continue;
      const id = fileIn(state);
      if (id !== null) return id;
      from = Number(state.headers.get("Upload-Offset"));
      if (from >= offset + part.size) return null;
    }
  }

  /** @param {string} method  @param {string} path  @param {Record<string, string>} [headers]  @param {Blob} [body] */
  #ask(method, path, headers = {}, body) {
    const ending = method === "DELETE" ? undefined : this.#ending.signal;
    return this.#send(method, path, { body, signal: ending, headers: { "Tus-Resumable": "1.0.0", ...headers } });
  }
}

/** @param {Response} answer */
function fileIn(answer) {
  const id = answer.headers.get("File-Id");
  return id === null ? null : Number(id);
}

/** Whether another attempt may succeed. @param {unknown} problem */
function mayPass(problem) {
  if (problem instanceof Unreachable) return true;
  return problem instanceof Problem && [409, 423, 429, 502, 503, 504].includes(problem.status);
}
