// Bundles what each page loads into files that are named by their content, compressed as well as can be, for packages:
// `node bundles/assets.mjs FOLDER`. FOLDER/manifest.json says which file stands for which address, or for which ones, if a
// page loads several styles, and what a script needs at once.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const SERVED = resolve("../chat_server/web");
const CHAT = "chat/chat.js";
// Written down when it is bundled: what the modules export that are made of others.
const EVALUATED = /\/(chat\/words\/|admin\/words\/admin_)(en|zh)\.js$/;
const SCRIPT = /<script [^>]*src="\/pages\/([^"]+\.js)"/g;
const STYLES = /(?:<link rel="stylesheet" href="[^"]+">\s*)+/g;
// Less fits into a packet or two anyway: as chat_server/http/steps/compression.py has it.
const SMALLEST = 1400;

const folder = resolve(process.argv[2]);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const manifest = { addresses: {}, needs: {}, files: [] };
const { scripts, styles } = await loaded();
await bundleScripts([CHAT], [evaluated(), together(await neededBy(CHAT))]);
await bundleScripts(scripts.filter((script) => script !== CHAT), [evaluated()]);
for (const addresses of styles) await bundleStyles(addresses);
manifest.files.sort();
await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);

/** The scripts and the lists of styles that pages load, of what is served; not those that come from npm as they are. */
async function loaded() {
  const found = { scripts: new Set(), styles: new Set() };
  for (const name of await readdir(SERVED)) {
    for (const file of await readdir(join(SERVED, name), { recursive: true })) {
      if (!file.endsWith(".html") || name === "docs") continue;
      const page = await readFile(join(SERVED, name, file), "utf8");
      for (const [, script] of page.matchAll(SCRIPT)) found.scripts.add(script);
      for (const [links] of page.matchAll(STYLES)) found.styles.add([...links.matchAll(/\/pages\/([^"]+)/g)].map(([, style]) => style).join(" "));
    }
  }
  return { scripts: [...found.scripts].sort(), styles: [...found.styles].sort().map((list) => list.split(" ")) };
}

function bundled(entries, plugins = []) {
  return build({
    entryPoints: entries.map((file) => join(SERVED, file)),
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
    plugins,
  });
}

async function bundleScripts(entries, plugins) {
  const { metafile, outputFiles } = await bundled(entries, plugins);
  for (const { path, contents } of outputFiles) await keep(basename(path), contents);
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (!entryPoint || !entries.includes(relative(SERVED, resolve(entryPoint)))) continue;
    const file = `/assets/${basename(path)}`;
    manifest.addresses[`/pages/${relative(SERVED, resolve(entryPoint))}`] = file;
    const needed = reachable(path, (output) => metafile.outputs[output].imports).filter((output) => output !== path);
    if (needed.length) manifest.needs[file] = needed.map((output) => `/assets/${basename(output)}`);
  }
}

async function bundleStyles(addresses) {
  const contents = addresses.map((address) => `@import "./${address}";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, loader: "css", resolveDir: SERVED },
    bundle: true,
    minify: true,
    charset: "utf8",
    preserveSymlinks: true,
    external: ["/pages/*"],
    write: false,
  });
  const hash = createHash("sha256").update(outputFiles[0].contents).digest("hex").slice(0, 8).toUpperCase();
  const name = `${basename(addresses.at(-1), ".css")}-${hash}.css`;
  await keep(name, outputFiles[0].contents);
  manifest.addresses[addresses.map((address) => `/pages/${address}`).join(" ")] = `/assets/${name}`;
}

async function keep(name, contents) {
  const path = join(folder, name);
  manifest.files.push(name);
  await writeFile(path, contents);
  if (contents.length < SMALLEST) return;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  await writeFile(`${path}.br`, brotliCompressSync(contents, { params }));
  await writeFile(`${path}.gz`, gzipSync(contents, { level: 9 }));
}

/** What is loaded with `from`: itself, and what it imports, and what that imports, but not what is fetched later. */
function reachable(from, importsOf) {
  const found = [from];
  for (const one of found) {
    for (const { path, kind, external } of importsOf(one)) {
      if (kind === "import-statement" && !external && !found.includes(path)) found.push(path);
    }
  }
  return found;
}

/** The modules that a script loads at once, and those that fetch more of them later. */
async function neededBy(script) {
  const { inputs } = (await bundled([script])).metafile;
  const entry = Object.keys(inputs).find((input) => relative(SERVED, resolve(input)) === script);
  const first = reachable(entry, (input) => inputs[input].imports).filter((input) => input !== entry);
  const imported = Object.values(inputs).flatMap(({ imports }) => imports);
  const later = imported.filter(({ path, kind }) => kind === "dynamic-import" && inputs[path].imports.length > 0);
  return { first: first.map((input) => resolve(input)), later: new Set(later.map(({ path }) => resolve(path))) };
}

/**
 * esbuild makes a file of what exactly the same scripts load. What comes later is made to load all that comes first, so
 * this is one file and no dozen small ones, which compress worse. It is there by then.
 */
function together({ first, later }) {
  return {
    name: "together",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^what-comes-first$/ }, () => ({ path: "what-comes-first", namespace: "together" }));
      onLoad({ filter: /^/, namespace: "together" }, () => ({
        contents: first.map((path) => `import ${JSON.stringify(path)};`).join("\n"),
        resolveDir: SERVED,
      }));
      onLoad({ filter: /\.js$/ }, async ({ path }) =>
        later.has(path) && !EVALUATED.test(path)
          ? { contents: `import "what-comes-first";\n${await readFile(path, "utf8")}`, resolveDir: dirname(path) }
          : undefined,
      );
    },
  };
}

function evaluated() {
  return {
    name: "evaluated",
    setup({ onLoad }) {
      onLoad({ filter: EVALUATED }, async ({ path }) => {
        const { default: value } = await import(pathToFileURL(path).href);
        return { contents: `export default ${JSON.stringify(value)}`, loader: "js" };
      });
    },
  };
}
