// Makes web/vendor/emoji_en.js and emoji_zh.js of emojibase-data: tables with tabs, as text, which are a tenth of its JSON;
// and sql/functions/messages/emoji_names.sql, names that no workspace gives to a picture of its own.
import { readFile, writeFile } from "node:fs/promises";

const COMPONENTS = 2; // skin tones and hair, which are no emoji by themselves
const NAMES_IN_SQL = "../sql/functions/messages/emoji_names.sql";
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];

const read = async (path) => JSON.parse(await readFile(`node_modules/emojibase-data/${path}`, "utf8"));

/** Writes both tables; returns the licence of what is in them. */
export async function emoji(folder) {
  const { version, license } = await read("package.json");
  const notice = `// emojibase-data ${version}. Made by \`make vendor\`; licences in LICENSES.txt.\n`;
  const [english, chinese] = await Promise.all(["en", "zh"].map(async (language) => shown(await read(`${language}/data.json`))));
  const names = await Promise.all(["github", "emojibase"].map((set) => read(`en/shortcodes/${set}.json`)));
  const chineseOf = new Map(chinese.map((one) => [one.hexcode, one]));
  let group = -1;
  /** @type {Set<string>} */
  const all = new Set();
  const rows = english.map((one) => {
    const begins = one.group === group ? "" : `#${(group = one.group)}\n`;
    const codes = [...new Set(names.flatMap((set) => set[one.hexcode] ?? []))];
    for (const code of codes) all.add(code);
    return `${begins}${[one.emoji, one.label, codes.join(" "), rest(one.tags, one.label), hasTones(one) ? "1" : ""].join("\t").trimEnd()}`;
  });
  const inChinese = english.map(({ hexcode }) => {
    const { label, tags } = chineseOf.get(hexcode);
    return `${label}\t${rest(tags, label)}`.trimEnd();
  });
  await writeFile(`${folder}/emoji_en.js`, `${notice}export default ${JSON.stringify(rows.join("\n"))};\n`);
  await writeFile(`${folder}/emoji_zh.js`, `${notice}export default ${JSON.stringify(inChinese.join("\n"))};\n`);
  await writeFile(NAMES_IN_SQL, `${notice.replace("//", "--")}\n${inSql([...all].sort())}`);
  const text = await readFile("node_modules/emojibase-data/LICENSE", "utf8");
  return { title: `emojibase-data ${version}`, licence: license, text: text.trim() };
}

/** @param {string[]} names */
function inSql(names) {
  const lines = [""];
  for (const name of names) {
    if (lines[lines.length - 1].length + name.length > 110) lines.push("");
    lines[lines.length - 1] += `${name},`;
  }
  const list = lines.map((line) => `        ${line}`).join("\n").replace(/,$/, "");
  return `-- Whether a name between colons is that of a standard emoji, as the picker of the pages names them.
CREATE FUNCTION is_standard_emoji(name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name = ANY ('{
${list}
    }'::text[])
$$;
`;
}

const shown = (all) => all.filter(({ group }) => group !== undefined && group !== COMPONENTS).sort((one, other) => one.order - other.order);

/** Tags that the label does not have already. */
const rest = (tags = [], label) => tags.filter((tag) => !label.toLowerCase().includes(tag.toLowerCase())).join(" ");

/** Whether all five tones are what `toned` of web/chat/composer/emoji/emoji.js makes: the modifier behind each person or hand. */
function hasTones({ emoji: plain, skins = [] }) {
  const made = TONES.map((tone) => plain.replace(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, `$1${tone}`));
  return made.every((one) => skins.some((skin) => skin.emoji === one));
}
