/** Uploads of files in parts (tus 1.0, docs/files), which go on after a cut where they were. */

import { Problem, Unreachable } from "./request.js";
import { surroundings } from "./surroundings.js";

const PART_BYTES = 512 * 1024;
const FIRST_WAIT_MS = 500;
const TRIES = 8;

/**
 * The id of the uploaded file. `progressed` is told how many bytes the server has, after each part.
 *
 * @param {import("./calls/call.js").Request} request
 * @param {{
 *   workspaceId: number, file: Blob, name: string, progressed?: (bytes: number) => void, signal?: AbortSignal,
 *   place?: import("./surroundings.js").Surroundings,
 * }} what
 * @returns {Promise<number>}
 */
export async function upload(request, { workspaceId, file, name, progressed = () => {}, signal, place = surroundings() }) {
  const tus = { "Tus-Resumable": "1.0.0" };
  const begun = await patiently(place, signal, () =>
    request("POST", `/workspaces/${workspaceId}/uploads`, {
      signal,
      headers: { ...tus, "Upload-Length": `${file.size}`, "Upload-Metadata": `filename ${base64(name)}` },
    }),
  );
  const path = pathOf(begun.headers.get("Location"));
  let id = begun.headers.get("File-Id");
  for (let at = 0; !id; ) {
    const answer = await patiently(place, signal, async () => {
      try {
        return await request("PATCH", path, {
          signal,
          headers: { ...tus, "Upload-Offset": `${at}`, "Content-Type": "application/offset+octet-stream" },
          body: file.slice(at, at + PART_BYTES),
        });
      } catch (problem) {
        // After a cut the server may have some of the part, or all of it.
        if (mayPass(problem) || problem.status === 409) at = await received(request, path, signal).catch(() => at);
        throw problem;
      }
    });
    id = answer.headers.get("File-Id");
    at = Number(answer.headers.get("Upload-Offset"));
    progressed(at);
  }
  return Number(id);
}

/** @param {import("./calls/call.js").Request} request  @param {string} path  @param {AbortSignal} [signal] */
async function received(request, path, signal) {
  return (await (await request("GET", path, { signal })).json()).received;
}

/** @param {string | null} location */
function pathOf(location) {
  return (location ?? "").replace(/^.*?\/api/, "");
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** @param {any} problem */
function mayPass(problem) {
  return problem instanceof Unreachable || (problem instanceof Problem && (problem.status >= 500 || [409, 423, 429].includes(problem.status)) && problem.status !== 507);
}

/**
 * @template T @param {import("./surroundings.js").Surroundings} place  @param {AbortSignal | undefined} signal  @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
async function patiently(place, signal, act) {
  for (let tried = 1; ; tried++) {
    try {
      return await act();
    } catch (problem) {
      if (!mayPass(problem) || tried === TRIES || signal?.aborted) throw problem;
      const ms = Math.max(FIRST_WAIT_MS * 2 ** (tried - 1), (problem.retryAfter ?? 0) * 1000);
      await new Promise((again) => void place.after(ms, () => again(null)));
      signal?.throwIfAborted();
    }
  }
}
