/**
 * The service worker, at /worker.js: the chats start without the network, from one complete set of the page's files.
 *
 * A set is a cache, `fechatter-<build>`, with all files of /offline.json, which names its build. It counts once it is
 * complete, so a page never runs with files of two builds: each page keeps the set that it was started from. When the
 * server has another build, it is fetched in the background for the next start, and open pages are notified.
 *
 * REST and sockets never come here. What is kept is what anybody may fetch, and nothing of what anybody wrote.
 */

const LIST = "/offline.json";
const PAGE = "/";
const ICON = "/pages/lib/icon-192.png";
const PREFIX = "fechatter-";
const COMPLETE = "/complete";
const PAGES = "pages-of-fechatter";
const OF_CHATS = /^\/(chat\/\d+(\/\d+)?)?$/;

/** What TypeScript's library for pages does not know. @type {any} */
const worker = globalThis;

/** @type {Promise<string | null> | null} one at a time: the set that is fetched now */
let updating = null;

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(update().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (OF_CHATS.test(address.pathname)) event.respondWith(page(event));
  } else if (/^\/(pages|assets)\//.test(address.pathname)) event.respondWith(file(event));
});

/** A page starts from the newest complete set, whether there is a network or not. @param {any} event @returns {Promise<Response>} */
async function page(event) {
  const newest = await newestSet();
  const kept = newest && (await (await caches.open(newest)).match(PAGE));
  if (!kept) return fetch(event.request);
  event.waitUntil(startedFrom(newest, event.resultingClientId).then(renew));
  return kept;
}

/** @param {any} event @returns {Promise<Response>} */
async function file(event) {
  const set = await setOf(event.clientId);
  const kept = set && (await (await caches.open(set)).match(event.request, { ignoreSearch: true }));
  return kept || fetch(event.request);
}

async function renew() {
  const before = await newestSet();
  const now = await update().catch(() => null); // without a network there is nothing new
  if (!now || now === before) return;
  for (const client of await worker.clients.matchAll()) client.postMessage({ type: "updated" });
}

/** The name of a complete set of what the server has now. */
function update() {
  updating ??= fetchSet().finally(() => {
    updating = null;
  });
  return updating;
}

async function fetchSet() {
  const { build, files } = await listed();
  const name = PREFIX + build;
  const set = await caches.open(name);
  if (!(await set.match(COMPLETE))) {
    await set.addAll([PAGE, ...files].map((path) => new Request(path, { cache: "no-cache", credentials: "omit" })));
    if ((await listed()).build !== build) {
      await caches.delete(name);
      throw new Error("The server was given other files meanwhile.");
    }
    await set.put(COMPLETE, new Response(String(Date.now())));
  }
  await forget(name);
  return name;
}

async function listed() {
  const answer = await fetch(LIST, { cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw new Error(`${LIST} is ${answer.status}.`);
  return answer.json();
}

/** The complete set that was fetched last. */
async function newestSet() {
  const sets = await completeSets();
  return sets.at(-1) ?? null;
}

/** In the order in which they were completed. */
async function completeSets() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const dated = await Promise.all(
    names.map(async (name) => {
      const complete = await (await caches.open(name)).match(COMPLETE);
      return complete ? [{ name, at: Number(await complete.text()) }] : [];
    }),
  );
  return dated.flat().sort((one, other) => one.at - other.at).map(({ name }) => name);
}

/** Which set a page was started from outlives this worker, which the browser stops as it likes. @param {string} set  @param {string} client */
async function startedFrom(set, client) {
  await (await caches.open(PAGES)).put(`/${client}`, new Response(set));
}

/** The set of a page; null for one that came from the network. @param {string} client */
async function setOf(client) {
  const known = await (await caches.open(PAGES)).match(`/${client}`);
  return known ? known.text() : null;
}

/** Deletes sets that no open page was started from, but this one. @param {string} newest */
async function forget(newest) {
  const pages = await caches.open(PAGES);
  const open = new Set((await worker.clients.matchAll({ includeUncontrolled: true })).map((/** @type {any} */ { id }) => id));
  const used = new Set([newest]);
  for (const request of await pages.keys()) {
    const client = new URL(request.url).pathname.slice(1);
    if (open.has(client)) used.add((await setOf(client)) ?? newest);
    else await pages.delete(request);
  }
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && !used.has(name)) await caches.delete(name);
}

/**
 * A push is always shown: browsers end those of a page that is silent, Safari after the third time. One of a chat replaces the
 * former one of it, without a sound if that was of the same message or a newer one.
 */
worker.addEventListener("push", (/** @type {any} */ event) => {
  event.waitUntil(announce(event.data));
});

/** @param {any} data as delivery_server/pushes/payload.py makes it */
async function announce(data) {
  const { title, app_badge, ...options } = read(data);
  const [former] = options.tag ? await worker.registration.getNotifications({ tag: options.tag }) : [];
  const renotify = Boolean(options.tag) && !(former?.data?.seq >= options.data?.seq);
  await worker.registration.showNotification(title, { ...options, icon: ICON, renotify });
  if (app_badge !== undefined) await worker.navigator.setAppBadge?.(Number(app_badge)).catch(() => {});
}

/** @param {any} data */
function read(data) {
  try {
    return data.json().notification;
  } catch {
    return { title: "Fechatter" };
  }
}

/** A notification leads to its chat: in the page that is open, or in a new one. */
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(show(new URL(event.notification.data?.path ?? PAGE, location.origin)));
});

/** @param {URL} address */
async function show(address) {
  if (address.origin !== location.origin) return;
  const [client] = await worker.clients.matchAll({ type: "window" });
  if (!client) return void (await worker.clients.openWindow(address.href));
  await client.focus();
  client.postMessage({ type: "open", path: address.pathname });
}
