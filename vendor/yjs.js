// What the pages import from npm. `make vendor` bundles it into chat_server/static/pages/vendor/yjs.js.
export { IndexeddbPersistence } from "y-indexeddb";
export { readAuthMessage } from "y-protocols/auth";
export { messageAuth, WebsocketProvider } from "y-websocket";
export * as Y from "yjs";
