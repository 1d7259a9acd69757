/** How long people were online. */

import { bytes, list, write } from "./call.js";

export const statistics = {
  onlineTime: list("GET /statistics/online"),
  exportOnlineTime: bytes("GET /statistics/online/export"),
  setTimeZone: write("PUT /users/me/time-zone"),
};
