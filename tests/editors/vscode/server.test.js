"use strict";
// The bundle as VS Code loads it, with vscode-languageclient in it, before a real server; only VS Code's own module is
// stood in for, which exists within VS Code only.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { after, test } = require("node:test");
const { fileURLToPath } = require("node:url");

const ROOT = path.resolve(__dirname, "../../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bufferlint-"));
const file = path.join(folder, "attention.py");
const text = fs.readFileSync(path.join(ROOT, "fixtures/lesson/attention.py"), "utf8");

const editor = require("./vscode_api")(folder, {
  "bufferlint.interpreter": [process.env.PYTHON ?? "python3"],
});
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? editor.api : load(name, ...rest));
const { activate } = require("../../../bufferlint/editors/vscode/out/extension");

const context = { subscriptions: [], extensionPath: folder };
after(async () => {
  await Promise.all(context.subscriptions.map((each) => each.dispose?.()));
  fs.rmSync(folder, { recursive: true });
});

test("the extension starts the server, shows a file's finding, and fixes all", async () => {
  fs.writeFileSync(file, text);
  await activate(context);

  assert.equal(editor.status.text, "$(check) bufferlint");
  const document = editor.open(file, text);
  const [finding] = await editor.diagnostics(document);
  assert.equal(finding.code, "BUF001");
  assert.match(text.split("\n")[finding.range.start.line], /^ +self\.mask = /);

  await editor.run("bufferlint.fixFile");
  const [[uri, edits]] = (await editor.edit()).entries();
  assert.equal(fileURLToPath(String(uri)), fs.realpathSync(file));
  assert.match(edits.map((each) => each.newText).join(""), /register_buffer\("mask"/);
});

test("the server is started anew, and names the setting that is wrong", async () => {
  editor.settings["bufferlint.select"] = ["BUF0001"];
  await editor.run("bufferlint.restart");
  assert.equal(editor.status.text, "$(check) bufferlint");
  await editor.until(() => editor.said.some((each) => each.includes("did you mean 'BUF001'?")));
});
