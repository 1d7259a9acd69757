// Before the package is made: the types that are written by hand or made go beside those that tsc emits.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../src", import.meta.url));
cpSync(from, fileURLToPath(new URL("../types", import.meta.url)), { recursive: true, filter: (path) => !path.endsWith(".js") });
