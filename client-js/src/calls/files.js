/** Files, and uploads of them in parts (tus). */

import { act, bytes, list, read } from "./call.js";

export const files = {
  list: list("GET /files"),
  get: read("GET /files/{file_id}/info"),
  fetch: bytes("GET /files/{file_id}"),
  preview: bytes("GET /files/{file_id}/previews/{name}"),
  picture: bytes("GET /files/{file_id}/picture"),
  discard: act("DELETE /files/{file_id}"),
  link: act("POST /files/{file_id}/link"),
  takeCookie: act("POST /files/cookie"),
  state: read("GET /uploads/{upload_id}"),
  end: act("DELETE /uploads/{upload_id}"),
};
