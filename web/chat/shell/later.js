/** A part of the page whose module is fetched when it is first shown; nothing stands there before, or if it does not come. */

import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { fetched } from "./fetched.js";

/** @param {{ load: () => Promise<(properties: any) => any>, properties: object }} properties */
export function Later({ load, properties }) {
  const view = useSignal(/** @type {{ it: (properties: any) => any } | null} */ (null));
  useEffect(() => {
    fetched(load).then((it) => (view.value = { it }), () => {});
  }, []);
  return view.value && h(view.value.it, properties);
}
