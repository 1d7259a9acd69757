// Makes a file of each entry point, and writes beside it the licences of what is in it. The same lock file gives the same bytes.
import { build } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";

import { emoji } from "./emoji.mjs";

const pages = Object.fromEntries(["yjs", "preact", "highlight", "pinyin", "uqr"].map((name) => [`${name}.js`, `bundles/${name}.js`]));
await bundle(pages, "vendor", { format: "esm" }, [await emoji("vendor")]);
// A script and no module, for an engine that has no modules.
const engine = "../chat_core/documents/javascript/vendor";
await bundle({ "yjs.js": "bundles/documents.js" }, engine, { format: "iife", globalName: "npm" });

async function bundle(entryPoints, folder, form, besides = []) {
  const inside = new Map(besides.map((one) => [one.title, one]));
  for (const [file, entryPoint] of Object.entries(entryPoints)) {
    const { packages, text } = await bundled(entryPoint, form);
    for (const one of packages) inside.set(one.title, one);
    const titles = packages.map(({ title }) => title).join(", ");
    await writeFile(`${folder}/${file}`, `// ${titles}. Made by \`make vendor\`; licences in LICENSES.txt.\n${text}`);
  }
  const licences = [...inside.values()].map(({ title, licence, text }) => `${title} (${licence})\n\n${text}\n`);
  await writeFile(`${folder}/LICENSES.txt`, licences.sort().join(`\n${"-".repeat(80)}\n\n`));
}

async function bundled(entryPoint, form) {
  const { metafile, outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    ...form,
    target: "es2022",
    minify: true,
    charset: "utf8",
    tsconfigRaw: {}, // what checks the pages changes no bundle
    metafile: true,
    write: false,
  });
  const inside = Object.keys(metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  const packages = await Promise.all([...new Set(inside.filter(Boolean))].sort().map(described));
  return { packages, text: outputFiles[0].text };
}

async function described(name) {
  const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const file = (await readdir(`node_modules/${name}`)).find((one) => /^licen[cs]e(\.md)?$/i.test(one));
  const text = await readFile(`node_modules/${name}/${file}`, "utf8");
  return { title: `${name} ${version}`, licence: license, text: text.trim() };
}
