// Before the package is made: the types that are written by hand or made go beside those that tsc emits.
import { cpSync } from "node:fs";

const from = new URL("../src", import.meta.url).pathname;
cpSync(from, new URL("../types", import.meta.url).pathname, { recursive: true, filter: (path) => !path.endsWith(".js") });
