/** Which features the server has: asked for once the page is in use, and again when one is switched. */

import { signal } from "../../vendor/preact.js";

export const features = signal(/** @type {Record<string, boolean>} */ ({}));

let answered = () => {};
/** What is done by a feature waits for the first answer: before it, each seems to be off. */
export const featuresAnswered = new Promise((resolve) => (answered = () => resolve(undefined)));

/** @param {import("./model.js").Model} model */
export async function startFeatures(model) {
  // Without an answer they are as before.
  const ask = () => model.api.organizations.features().then((answer) => (features.value = { ...answer.features }), () => {});
  model.listen(({ kind }) => {
    if (kind === "FeaturesUpdated") void ask();
  });
  await ask();
  answered();
}
