/** Administration: who is signed in, what they may administer, and the page that shows it. */

import { byId, metaOf } from "../lib/dom.js";
import { user } from "../lib/session.js";
import { allowFiles } from "../chat/timeline/file_access.js";
import { sayNothingCame } from "../chat/shell/wordless.js";
import { effect, h, render } from "../vendor/preact.js";
import { App } from "./shell/app.js";
import { Admin } from "./shell/state.js";
import { languageTag, loadWords } from "./words/words.js";

const words = loadWords().then(() => true, () => false);
const admin = new Admin(await user());
if (await words) show();
else sayNothingCame(byId("app"));

function show() {
  effect(() => {
    document.documentElement.lang = languageTag.value;
  });
  render(h(App, { admin }), byId("app"));
  void admin.start(metaOf("sockets"));
  allowFiles().catch(() => {}); // without them people are shown by their initials
}
