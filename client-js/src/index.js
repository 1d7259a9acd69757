/**
 * Fechatter's client for JavaScript. Each part stands alone, too, in its own file: "fechatter-client/stream.js". What keeps a
 * copy on disk is there alone: "fechatter-client/store.js", "fechatter-client/store/indexed.js".
 */

export { client } from "./client.js";
export { events } from "./events.js";
export { keptInMemory, newKey, Outbox } from "./outbox.js";
export { Replica } from "./replica.js";
export { authorized, Problem, sender, SignedOut, Unreachable } from "./request.js";
export { personal, Session } from "./session.js";
export { homeOf, Stream } from "./stream.js";
export { upload } from "./uploads.js";
