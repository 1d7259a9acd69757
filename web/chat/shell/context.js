/** What every view may read: the model of this page. */

import { createContext, useContext } from "../../vendor/preact.js";

/** @typedef {import("../model/model.js").Model} Model */

export const ModelContext = createContext(/** @type {Model | null} */ (null));

/** @returns {Model} */
export function useModel() {
  const model = useContext(ModelContext);
  if (!model) throw new Error("A view is outside of ModelContext.");
  return model;
}
