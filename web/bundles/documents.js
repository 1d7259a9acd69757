// What the process that has documents takes from npm. `make vendor` bundles it into chat_core/documents/javascript/vendor/yjs.js.
export * as decoding from "lib0/decoding";
export * as encoding from "lib0/encoding";
export * as Y from "yjs";
