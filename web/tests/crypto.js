/** Import this before whatever needs `crypto`: node 18 has it, and not under that name. */

import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
