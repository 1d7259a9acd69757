/** The words of the lists of documents, of the dialog that shares one, and of invites, in the reader's language. */

import { saying } from "../lib/saying.js";
import { CHINESE } from "./chinese.js";

export const { say, translate } = saying(CHINESE);
