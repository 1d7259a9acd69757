/** The editor's words, in the reader's language. */

import { saying } from "../lib/saying.js";
import { CHINESE } from "./chinese.js";

export const { say, translate } = saying(CHINESE);
