/** What `web/bundles/assets.mjs` writes down when it bundles: a page then loads no row of the other language. */

import { catalogue } from "./rows.js";

export default catalogue("en");
