import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { addressesOf, bodyOf, partsOf, SCOPES } from "../admin/workspace/app_fields.js";
import { WORDS } from "../admin/words/rows.js";

test("the form has all scopes that an app may ask for, each with words", () => {
  const { components } = JSON.parse(readFileSync(new URL("../../chat_server/http/openapi.json", import.meta.url), "utf8"));
  assert.deepEqual([...SCOPES].sort(), [...components.schemas.AppWish.properties.scopes.items.enum].sort());
  for (const [noun, verb] of SCOPES.map(partsOf)) {
    assert.ok(`scope.${noun}` in WORDS, noun);
    assert.ok(verb === undefined || `scope.${verb}` in WORDS, verb);
  }
});

test("addresses are lines, as they are typed but for spaces around them", () => {
  assert.deepEqual(addressesOf(" https://a.example/Back?x=1 \r\n\n com.example.app:/cb\nhttps://a.example/Back?x=1"), ["https://a.example/Back?x=1", "com.example.app:/cb"]);
  const body = bodyOf({ name: " Calendar ", description: " ", addresses: "https://a.example/" }, new Set(["moderation", "messages:read"]));
  assert.deepEqual(body, { name: "Calendar", description: "", redirect_uris: ["https://a.example/"], scopes: ["messages:read", "moderation"] });
});
