// Bundles yjs.js, and writes beside it the licences of what is in it. The same lock file gives the same bytes.
import { build } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";

const OUT = "../chat_server/static/pages/vendor";

const { metafile, outputFiles } = await build({
  entryPoints: ["yjs.js"],
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  metafile: true,
  write: false,
});
const inside = Object.keys(metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
const packages = await Promise.all([...new Set(inside.filter(Boolean))].sort().map(described));
const names = packages.map(({ title }) => title).join(", ");
await writeFile(`${OUT}/yjs.js`, `// ${names}. Made by \`make vendor\`; licences in LICENSES.txt.\n${outputFiles[0].text}`);
const licences = packages.map(({ title, licence, text }) => `${title} (${licence})\n\n${text}\n`);
await writeFile(`${OUT}/LICENSES.txt`, licences.join(`\n${"-".repeat(80)}\n\n`));

async function described(name) {
  const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const file = (await readdir(`node_modules/${name}`)).find((one) => /^licen[cs]e(\.md)?$/i.test(one));
  const text = await readFile(`node_modules/${name}/${file}`, "utf8");
  return { title: `${name} ${version}`, licence: license, text: text.trim() };
}
