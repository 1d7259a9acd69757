/** Requests to the REST interface, which is where the page comes from. */

import { sender } from "../client/request.js";

export const send = sender();
