import assert from "node:assert/strict";
import { test } from "node:test";

import { signal } from "../vendor/preact.js";
import { Page, settled } from "./browser.js";

const page = new Page();
globalThis.HTMLLinkElement = class {
  attributes = new Map();
  getAttribute = (name) => this.attributes.get(name) ?? null;
  setAttribute = (name, value) => this.attributes.set(name, value);
};
const icon = new HTMLLinkElement();
const fields = [];
let dialog = null;
Object.assign(page.document, {
  title: "",
  documentElement: { lang: "en" },
  querySelector: (what) => (what.startsWith("link") ? icon : dialog),
  querySelectorAll: () => fields,
});
await (await import("../chat/words/words.js")).loadWords("en");
const { place } = await import("../chat/shell/router.js");
const { showTitle } = await import("../chat/shell/title.js");
const { startOffline } = await import("../chat/offline/updates.js");
const { PlainHttp } = await import("../chat/dialogs/settings.js");

test("a hidden tab, which paints nothing, tells in its title and icon what waits", () => {
  assert.equal(globalThis.requestAnimationFrame, undefined);
  const chats = signal(new Map([[1, { id: 1, type: "Group", name: "lunch", mention_count: 0, unread: 3, notification_level: "all", muted_until: null }]]));
  const end = showTitle({ chats, about: (id) => ({ value: chats.value.get(id) }), me: signal({ id: 1 }) });
  assert.equal(page.document.title, "Fechatter");
  chats.value = new Map([[1, { ...chats.value.get(1), mention_count: 2 }]]);
  assert.match(page.document.title, /2/);
  assert.equal(icon.getAttribute("href"), "/pages/lib/icon-waiting.svg");
  place.value = { chatId: 1, messageId: null, pane: null };
  assert.match(page.document.title, /lunch/);
  end();
});

test("newer files are taken when nobody looks, and nothing is on its way or half written", async () => {
  let said = () => {};
  page.navigator.serviceWorker = { addEventListener: (_type, heard) => (said = heard), register: async () => {} };
  const outbox = signal([]);
  await startOffline({ outbox }, () => {});
  const reloads = () => {
    page.location.gone = null;
    page.document.dispatchEvent(new Event("visibilitychange"));
    return page.location.gone !== null;
  };
  page.document.hidden = true;
  assert.equal(reloads(), false, "there are none");
  page.document.hidden = false;
  said({ data: { type: "updated" } });
  await settled();
  assert.equal(reloads(), false, "somebody looks");
  page.document.hidden = true;
  outbox.value = [{}];
  assert.equal(reloads(), false, "a message waits");
  outbox.value = [];
  fields.push({ value: "Dear", checkVisibility: () => true });
  assert.equal(reloads(), false, "something is being written");
  fields[0].value = "";
  dialog = {};
  assert.equal(reloads(), false, "a dialog is open");
  dialog = null;
  assert.equal(reloads(), true);
});

test("over plain HTTP the page says what the browser does not do", () => {
  globalThis.isSecureContext = true;
  assert.equal(PlainHttp(), null);
  globalThis.isSecureContext = false;
  assert.match(PlainHttp().props.children, /HTTPS/);
});
