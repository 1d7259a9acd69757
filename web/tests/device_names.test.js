import assert from "node:assert/strict";
import { test } from "node:test";

import { deviceOf } from "../chat/dialogs/device_names.js";

test("browsers are called as people call them, and other clients as they say", () => {
  const names = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/146.0.0.0 Safari/537.36": "Chrome · Linux",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0": "Edge · Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari · iPhone",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Mobile Safari/537.36": "Chrome · Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:147.0) Gecko/20100101 Firefox/147.0": "Firefox · macOS",
    "fechatter-client/1.0": "fechatter-client/1.0",
    "Mozilla/5.0": "",
  };
  for (const [agent, name] of Object.entries(names)) assert.equal(deviceOf(agent), name);
  assert.equal(deviceOf(null), "");
});
