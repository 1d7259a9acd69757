/** Sends on what another site has posted: from this page it comes with this browser's own cookies. */

import { byId } from "../lib/dom.js";

byId("carried", HTMLFormElement).submit();
