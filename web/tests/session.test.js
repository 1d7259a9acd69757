import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { SignedOut } from "../client/request.js";
import { Page, settled } from "./browser.js";
import { Server } from "./server.js";

let page, server;
let tabs = 0;

beforeEach(async () => {
  page = new Page();
  server = await Server.started();
});
afterEach(() => server.stop());

/** A tab has modules of its own, and shares the storage and the locks. */
const tab = () => import(`../lib/session.js?tab=${++tabs}`);
const requests = (what) => server.asked.filter((one) => one.what === what);

test("who signs in is known to every tab, and a token goes with each request, in no address", async () => {
  const first = await tab();
  assert.equal(first.isSignedIn(), false);
  await first.signIn("ada@example.com", "secret");
  assert.deepEqual(await first.call("GET", "/me"), { token: await first.freshToken() });
  const second = await tab();
  assert.equal((await second.user()).fullname, "Ada");
  assert.deepEqual(await second.call("GET", "/me"), { token: await first.freshToken() });
  assert.ok(server.asked.every(({ what }) => !what.includes(" /me?") && !what.includes("e30")));
});

test("whoever signs out leaves nothing of theirs, from any page, though another tab writes once more", async () => {
  const factory = (globalThis.indexedDB = new IDBFactory());
  const made = (name) => new Promise((resolve) => {
    const request = factory.open(name);
    request.onsuccess = () => resolve(request.result.close());
  });
  const names = async () => (await factory.databases()).map(({ name }) => name).sort();
  const left = () => ["draft.1.7", "draft.12.7", "page.1.3.x", "language"].filter((key) => page.localStorage.getItem(`fechatter.${key}`));
  const { signIn, signOut } = await tab();
  await signIn("ada@example.com", "secret");
  for (const key of ["draft.1.7", "draft.12.7", "page.1.3.x", "language"]) page.localStorage.setItem(`fechatter.${key}`, "x");
  for (const name of ["fechatter.chat.1", "fechatter.board.1.3.2026", "fechatter.chat.12", "another"]) await made(name);
  await signOut();
  assert.deepEqual([await names(), left()], [["another", "fechatter.chat.12"], ["draft.12.7", "language"]]);
  await made("fechatter.chat.1");
  const again = await tab();
  for (let turn = 0; turn < 30; turn++) await settled();
  assert.deepEqual(await names(), ["another", "fechatter.chat.12"]);
  await again.signIn("ada@example.com", "secret");
  await made("fechatter.chat.1");
  await tab();
  for (let turn = 0; turn < 30; turn++) await settled();
  assert.ok((await names()).includes("fechatter.chat.1"), "who is signed in may keep what is theirs");
  delete globalThis.indexedDB;
});

test("no script can read what gets the next token, and it goes with no other request", async () => {
  server.lives = 1;
  const { call, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  assert.deepEqual(Object.keys(JSON.parse(page.localStorage.getItem("fechatter.session"))).sort(), ["staleAt", "token", "user"]);
  await call("GET", "/me");
  assert.deepEqual(server.used, ["session=1"]);
  const [asked] = requests("GET /me");
  assert.deepEqual([asked.headers.cookie, asked.headers["fechatter-session"]], [undefined, undefined]);
});

test("a device that has signed in before says so", async () => {
  const { signIn } = await tab();
  await signIn("ada@example.com", "secret");
  await signIn("ada@example.com", "secret");
  assert.deepEqual(requests("POST /auth/signin").map(({ body }) => body.device_token), [undefined, "device"]);
});

test("tabs whose tokens end at the same time ask for one refresh together, and no refresh token is sent twice", async () => {
  server.lives = 1; // which is stale at once
  const [first, second, third] = [await tab(), await tab(), await tab()];
  await first.signIn("ada@example.com", "secret");
  for (const { isSignedIn } of [second, third]) assert.equal(isSignedIn(), false); // they have not heard yet
  page.happens("storage", { key: "fechatter.session" });
  page.location.gone = null;
  const others = [await tab(), await tab()];
  server.lives = 900;
  const tokens = await Promise.all([first, ...others].flatMap(({ freshToken }) => [freshToken(), freshToken(), freshToken()]));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(server.used.length, 1);
});

test("a token that the server refuses is replaced, and the request made again, once", async () => {
  const { call, freshToken, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  const before = await freshToken();
  server.refused.add(before);
  const { token } = await call("GET", "/me");
  assert.notEqual(token, before);
  assert.equal(requests("GET /me").length, 2);
});

test("a session that has ended leaves for the page that signs in, and nothing of it stays", async () => {
  const { call, freshToken, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  const token = await freshToken();
  server.refused.add(token);
  server.end();
  Object.assign(page.location, { search: "?pane=thread:9", hash: "#here" });
  await assert.rejects(call("GET", "/me"), SignedOut);
  assert.equal(page.localStorage.getItem("fechatter.session"), null);
  assert.equal(page.location.gone, "/signin#/boards?pane=thread:9#here");
});

test("a server that is away ends no session", async () => {
  server.lives = 1;
  const { freshToken, isSignedIn, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  await server.stop();
  await assert.rejects(freshToken(), /cannot be reached/);
  assert.equal(isSignedIn(), true);
});

test("who signs out in another tab while a token is fetched is signed out here", async () => {
  server.lives = 1;
  const { freshToken, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  const asked = freshToken();
  page.localStorage.removeItem("fechatter.session");
  page.happens("storage", { key: "fechatter.session" });
  await assert.rejects(asked, SignedOut);
  assert.equal(page.localStorage.getItem("fechatter.session"), null);
});

test("somebody else in another tab means a page of theirs", async () => {
  const { isSignedIn, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  const kept = JSON.parse(page.localStorage.getItem("fechatter.session"));
  page.localStorage.setItem("fechatter.session", JSON.stringify({ ...kept, user: { id: 2, fullname: "Grace" } }));
  page.happens("storage", { key: "another" });
  assert.equal(page.location.gone, null);
  page.happens("storage", { key: "fechatter.session" });
  assert.equal(page.location.gone, "");
  assert.equal(isSignedIn(), false); // nothing more is asked in the name of either
});

test("signing out forgets the session, also when the server does not answer", async () => {
  const { isSignedIn, signIn, signOut } = await tab();
  await signIn("ada@example.com", "secret");
  await server.stop();
  await signOut();
  assert.equal(isSignedIn(), false);
  assert.notEqual(page.localStorage.getItem("fechatter.device"), null);
});

test("a list is read to its end", async () => {
  const { list, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  assert.deepEqual(await list("/things"), [1, 2, 3, 4, 5, 6]);
});

test("a refusal says what was expected, and of which fields", async () => {
  const { call, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  await assert.rejects(call("POST", "/bad", {}), ({ status, code, fields, message }) => {
    assert.deepEqual([status, code, fields, message], [422, "validation_failed", ["name", "age"], "name: expected a string. age: expected an integer."]);
    return true;
  });
  assert.equal(await call("DELETE", "/gone"), null);
});

test("bytes are sent as they are, and anything else as JSON", async () => {
  const { call, signIn } = await tab();
  await signIn("ada@example.com", "secret");
  await call("PUT", "/picture", new Blob(["bytes"], { type: "image/png" }));
  await call("PUT", "/words", { text: "é" });
  const [picture, words] = server.asked.slice(-2);
  assert.deepEqual([picture.headers["content-type"], picture.body], ["image/png", "bytes"]);
  assert.deepEqual([words.headers["content-type"], words.body], ["application/json", { text: "é" }]);
  await settled();
});
