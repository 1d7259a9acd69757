/** Which features the server has: asked for once the page is in use, and again when one is switched. */

/** @param {import("./model.js").Model} model */
export async function startFeatures(model) {
  const ask = async () => {
    const { features } = model;
    await model.api.organizations.features().then((answer) => (features.value = answer.features), () => {}); // without an answer they are as before
  };
  model.listen(({ kind }) => {
    if (kind === "FeaturesUpdated") void ask();
  });
  await ask();
}
