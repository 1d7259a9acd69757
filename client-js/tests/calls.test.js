import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { groups, sync } from "../src/calls/index.js";
import { client } from "../src/client.js";
import { Problem, SignedOut } from "../src/request.js";
import { personal } from "../src/session.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
/** Servers call the first two; the others are addresses and uploads, which have functions of their own. */
const OTHER = [
  "POST /webhooks/clerk", "POST /auth/oidc/{provider}/backchannel-logout", "GET /linked/files/{file_id}",
  "POST /workspaces/{workspace_id}/files", "POST /workspaces/{workspace_id}/uploads", "PATCH /uploads/{upload_id}",
];

/** A server whose answers the test gives, by "METHOD /path?query". */
function server(answers) {
  const asked = [];
  const fetch = async (url, { method, headers, body, signal }) => {
    signal?.throwIfAborted();
    const what = `${method} ${url.replace("https://chat.example/api", "")}`;
    asked.push({ what, body, token: headers.get("authorization"), key: headers.get("idempotency-key") });
    const answer = answers[what];
    return typeof answer === "function" ? answer(headers) : (answer ?? new Response(null, { status: 204 }));
  };
  return { asked, client: (token = personal("t")) => client({ token, base: "https://chat.example", fetch }) };
}

test("each operation of the REST interface has one method, and each method is of an operation", () => {
  const document = JSON.parse(readFileSync(new URL("../../chat_server/http/openapi.json", import.meta.url), "utf8"));
  const operations = Object.entries(document.paths).flatMap(([path, of]) =>
    METHODS.filter((method) => of[method]).map((method) => `${method.toUpperCase()} ${path.replace(/^\/api/, "")}`),
  );
  const routes = [sync, ...Object.values(groups).flatMap(Object.values)].map(({ route }) => route);
  const known = [...routes, ...OTHER];
  const without = (all, some) => all.filter((one) => !some.includes(one));
  assert.deepEqual({ missing: without(operations, known), gone: without(known, operations) }, { missing: [], gone: [] });
  assert.equal(new Set(known).size, known.length);
});

test("values go into the path, the query or the body, and the key into its header", async () => {
  const { asked, client: made } = server({
    "POST /chats/1/messages": Response.json({ id: 5 }, { status: 201 }),
    "GET /presence?workspace_id=1&user_ids=1&user_ids=2": Response.json([]),
  });
  const ada = made();
  assert.deepEqual(await ada.messages.post(1, { content: "hello" }, { key: "k" }), { id: 5 });
  assert.equal(await ada.reactions.add(1, 2, "👍"), null);
  await ada.users.presence({ workspace_id: 1, user_ids: [1, 2] }).page();
  assert.deepEqual(asked.map(({ what }) => what), [
    "POST /chats/1/messages", "PUT /chats/1/messages/2/reactions/%F0%9F%91%8D", "GET /presence?workspace_id=1&user_ids=1&user_ids=2",
  ]);
  assert.deepEqual([asked[0].body, asked[0].key, asked[0].token, asked[1].body], ['{"content":"hello"}', "k", "Bearer t", undefined]);
});

test("a list goes through all its parts, as far as somebody wants", async () => {
  const { asked, client: made } = server({
    "GET /chats?limit=2": () => Response.json([1, 2], { headers: { Link: '</api/chats?limit=2&after_id=2>; rel="next"' } }),
    "GET /chats?limit=2&after_id=2": () => Response.json([3]),
  });
  const all = made().chats.list({ limit: 2 });
  assert.deepEqual([await all.all(), await all.page()], [[1, 2, 3], [1, 2]]);
  for await (const one of all) if (one === 1) break;
  assert.equal(asked.length, 4);
});

test("a refused token is renewed once; what is refused says why, and what is called off says so", async () => {
  const { client: made } = server({
    "GET /auth/me": (headers) => (headers.get("authorization") === "Bearer new" ? Response.json({ id: 1 }) : Response.json({}, { status: 401 })),
    "GET /chats/9": () => Response.json({ code: "not_found", detail: "No." }, { status: 404, headers: { "Retry-After": "3" } }),
  });
  const ada = made(async (refused) => (refused ? "new" : "old"));
  assert.deepEqual(await ada.users.me(), { id: 1 });
  await assert.rejects(made().users.me(), SignedOut);
  await assert.rejects(ada.chats.get(9), (problem) => problem instanceof Problem && problem.code === "not_found" && problem.retryAfter === 3);
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(ada.chats.get(9, {}, { signal: stop.signal }), { name: "AbortError" });
});
