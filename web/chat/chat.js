/** The chat client: who is signed in, what they may see, and the page that shows it. */

import { byId, metaOf } from "../lib/dom.js";
import { user } from "../lib/session.js";
import { effect, h, render } from "../vendor/preact.js";
import { Model } from "./model/model.js";
import { App } from "./shell/app.js";
import { ModelContext } from "./shell/context.js";
import { go, place, placeOf } from "./shell/router.js";
import { languageTag } from "./words/words.js";

const me = await user();
const model = new Model({ me, sockets: metaOf("sockets") });

effect(() => {
  document.documentElement.lang = languageTag.value;
});
render(h(ModelContext.Provider, { value: model, children: h(App, {}) }), byId("app"));
await model.start();
// The page is in use by then: it need not wait for these.
const [{ startNotifications }, { startOffline }] = await Promise.all([import("./notifications/notifications.js"), import("./offline/updates.js")]);
startNotifications(model, () => place.peek().chatId);
await startOffline(model, (path) => go(placeOf(new URL(path, location.origin))));
