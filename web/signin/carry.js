/** Sends on what another site has posted: from this page it comes with this browser's own cookies. */

import { byId } from "../lib/dom.js";
import { translate } from "./words.js";

translate();

byId("carried", HTMLFormElement).submit();
