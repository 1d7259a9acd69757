// What colours code in messages, loaded when there is some: tokens, and never HTML.
export { tokenizeWith } from "@speed-highlight/core/tokenize";
export * as languages from "@speed-highlight/core/languages";
