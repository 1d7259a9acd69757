/** What a form has of an app. */

/** All scopes (docs/identity/tokens.md), by what they are of. */
export const SCOPES = /** @type {const} */ ([
  "messages:read", "messages:write", "chats:read", "chats:write", "workspaces:read", "workspaces:write", "boards:read", "boards:write",
  "pages:read", "pages:write", "files:read", "files:write", "profile:read", "profile:write", "search:read", "events:read", "moderation",
]);

/** @typedef {typeof SCOPES[number]} Scope */

/** A scope's noun and verb; moderation has no verb. @param {Scope} scope */
export const partsOf = (scope) => /** @type {[string, "read" | "write" | undefined]} */ (scope.split(":"));

/** The addresses of a field, one on each line. @param {string} text */
export const addressesOf = (text) => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];

/**
 * The body that makes an app or changes it.
 *
 * @param {Record<string, string>} fields
 * @param {Set<Scope>} scopes
 */
export const bodyOf = ({ name, description, addresses }, scopes) => ({
  name: name.trim(), description: description.trim(), redirect_uris: addressesOf(addresses), scopes: SCOPES.filter((scope) => scopes.has(scope)),
});
