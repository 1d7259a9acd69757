// What the pages import from npm. `make vendor` bundles it into web/vendor/yjs.js.
export { HocuspocusProvider, HocuspocusProviderWebsocket, MessageType } from "@hocuspocus/provider";
export { IndexeddbPersistence } from "y-indexeddb";
export * as Y from "yjs";
