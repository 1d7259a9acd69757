/** The chat client: who is signed in, what they may see, and the page that shows it. */

import { byId, metaOf } from "../lib/dom.js";
import { user } from "../lib/session.js";
import { effect, h, render } from "../vendor/preact.js";
import { startFeatures } from "./model/features.js";
import { Model } from "./model/model.js";
import { App } from "./shell/app.js";
import { go, place, placeOf } from "./shell/router.js";
import { sayNothingCame } from "./shell/wordless.js";
import { languageTag, loadWords } from "./words/words.js";

const words = loadWords().then(() => true, () => false); // they come while others are asked for
const model = new Model({ me: await user(), sockets: metaOf("sockets") });
const started = model.start();
if (await words) await show();
else sayNothingCame(byId("app"));

async function show() {
  effect(() => {
    document.documentElement.lang = languageTag.value;
  });
  render(h(App, { model }), byId("app"));
  await started;
  // The page is in use by then: it need not wait for these.
  const [{ startNotifications }, { startPushes }, { startActivity }, { startOffline }] = await Promise.all([
    import("./notifications/notifications.js"),
    import("./notifications/push.js"),
    import("./model/activity.js"),
    import("./offline/updates.js"),
  ]);
  startNotifications(model, () => place.peek().chatId);
  startPushes(model);
  startActivity(model);
  void startFeatures(model);
  await startOffline(model, (path) => go(placeOf(new URL(path, location.origin))));
}
