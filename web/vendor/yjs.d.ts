export { HocuspocusProvider, HocuspocusProviderWebsocket, MessageType } from "@hocuspocus/provider";
export { IndexeddbPersistence } from "y-indexeddb";
export * as Y from "yjs";
