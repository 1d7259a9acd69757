// Bundles what each page loads into files that are named by their content, compressed as well as can be, for packages:
// `node bundles/assets.mjs FOLDER`. FOLDER/manifest.json says which file stands for which address.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const SERVED = resolve("../chat_server/web");
const LOADED = /(?:src|href)="\/pages\/([^"]+\.(?:js|css))"/g;
// Less fits into a packet or two anyway: as chat_server/http/steps/compression.py has it.
const SMALLEST = 1400;

const folder = resolve(process.argv[2]);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const entryPoints = await loaded();
const { metafile, outputFiles } = await build({
  entryPoints: entryPoints.map((file) => join(SERVED, file)),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  preserveSymlinks: true, // modules of other folders are where the pages' addresses have them
  external: ["/pages/*"],
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  outdir: folder,
  tsconfigRaw: {},
  metafile: true,
  write: false,
});
for (const { path, contents } of outputFiles) {
  await writeFile(path, contents);
  if (contents.length < SMALLEST) continue;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  await writeFile(`${path}.br`, brotliCompressSync(contents, { params }));
  await writeFile(`${path}.gz`, gzipSync(contents, { level: 9 }));
}
const addresses = {};
for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (entryPoint) addresses[`/pages/${relative(SERVED, resolve(entryPoint))}`] = `/assets/${basename(path)}`;
}
const files = outputFiles.map(({ path }) => basename(path));
await writeFile(join(folder, "manifest.json"), `${JSON.stringify({ addresses, files: files.sort() }, null, 1)}\n`);

/** The scripts and styles that pages load, below the folders that are served; not those that come from npm as they are. */
async function loaded() {
  const found = new Set();
  for (const name of await readdir(SERVED)) {
    for (const file of await readdir(join(SERVED, name), { recursive: true })) {
      if (!file.endsWith(".html")) continue;
      const page = await readFile(join(SERVED, name, file), "utf8");
      for (const [, address] of page.matchAll(LOADED)) found.add(address);
    }
  }
  return [...found].filter((address) => !/^(vendor|docs)\//.test(address)).sort();
}
