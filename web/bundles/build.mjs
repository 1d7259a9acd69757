// Makes a file of each entry point, and writes beside it the licences of what is in it. The same lock file gives the same bytes.
import { build } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";

await bundle("bundles/pages.js", "vendor", { format: "esm" });
// A script and no module, for an engine that has no modules.
await bundle("bundles/documents.js", "../chat_core/documents/javascript/vendor", { format: "iife", globalName: "npm" });

async function bundle(entry, folder, form) {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
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
  const names = packages.map(({ title }) => title).join(", ");
  await writeFile(`${folder}/yjs.js`, `// ${names}. Made by \`make vendor\`; licences in LICENSES.txt.\n${outputFiles[0].text}`);
  const licences = packages.map(({ title, licence, text }) => `${title} (${licence})\n\n${text}\n`);
  await writeFile(`${folder}/LICENSES.txt`, licences.join(`\n${"-".repeat(80)}\n\n`));
}

async function described(name) {
  const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const file = (await readdir(`node_modules/${name}`)).find((one) => /^licen[cs]e(\.md)?$/i.test(one));
  const text = await readFile(`node_modules/${name}/${file}`, "utf8");
  return { title: `${name} ${version}`, licence: license, text: text.trim() };
}
