// Bundles the extension with vscode-languageclient: `npm ci --ignore-scripts && npm run bundle`, in this folder.
// Writes out/extension.js, which names the sources it was made from, and out/licenses.md.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const sources = ["package-lock.json", ...readdirSync("src").sort().map((name) => `src/${name}`)];
const hash = createHash("sha256");
for (const name of sources) hash.update(readFileSync(name, "utf8").replaceAll("\r\n", "\n"));

const { metafile } = await build({
  entryPoints: ["src/extension.js"],
  outfile: "out/extension.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  minify: true,
  legalComments: "none",
  metafile: true,
  banner: { js: `// Bundled by bundle.mjs from sources with the SHA-256 ${hash.digest("hex")}` },
});

const packages = Object.keys(metafile.inputs).map((file) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
const texts = [...new Set(packages.filter(Boolean))].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").replaceAll("\r\n", "\n").trim() : license;
  return `## ${name} ${version}\n\n${text.replace(/[ \t]+$/gm, "")}\n`;
});
const own = readFileSync("../../../LICENSE", "utf8").trim();
writeFileSync("out/licenses.md", `# Licences\n\n## bufferlint\n\n${own}\n\n# What extension.js holds besides\n\n${texts.join("\n")}`);
