/** What pages have in common that send files: how large one may be, what is wrong with it, and why it was refused. */

import { authorized } from "../client/request.js";
import { upload } from "../client/uploads.js";
import { send } from "./http.js";
import { freshToken } from "./session.js";

/** @type {Map<number, Promise<number>>} */
const limits = new Map();

/** The largest file that a workspace takes; asked before the first byte is sent. @param {number} workspaceId */
export function limitOf(workspaceId) {
  const known = limits.get(workspaceId) ?? asked(workspaceId);
  limits.set(workspaceId, known);
  known.catch(() => limits.delete(workspaceId));
  return known;
}

/** @param {number} workspaceId */
async function asked(workspaceId) {
  const answer = await send("OPTIONS", `/workspaces/${workspaceId}/uploads`, { token: await freshToken() });
  return Number(answer.headers.get("Tus-Max-Size") ?? Infinity);
}

/** Why a file is not worth sending. @param {File} file  @param {number} most @returns {"tooLarge" | "empty" | null} */
export function faultOf({ size }, most) {
  if (size > most) return "tooLarge";
  return size === 0 ? "empty" : null;
}

/** Why a file was not taken. @param {any} problem @returns {"refusedSize" | "quota" | "storage" | "failed"} */
export function reasonOf({ code, status }) {
  if (code === "file_too_large" || status === 413) return "refusedSize";
  if (code === "quota_exceeded" || status === 507) return "quota";
  return status === 503 ? "storage" : "failed";
}

const request = authorized(send, freshToken);

/** Sends a file in parts, which goes on after a cut; its id. @param {Omit<Parameters<typeof upload>[1], "name" | "place"> & { file: File }} what */
export function sendFile(what) {
  return upload(request, { ...what, name: what.file.name });
}
