"use strict";
// The commands of the palette before a stand-in for VS Code's own module, which exists within VS Code only.

const assert = require("node:assert/strict");
const Module = require("node:module");
const { test } = require("node:test");

const shown = [];
const editor = { window: { setStatusBarMessage: (text) => shown.push(text) } };
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? editor : load(name, ...rest));
const { fixFile } = require("../../../bufferlint/editors/vscode/src/commands");

/** A session whose server answers one value, and what it was asked. */
function session(answer) {
  const asked = [];
  const client = { sendRequest: async (method, { command, arguments: given }) => (asked.push([method, command, ...given]), answer) };
  return { asked, client, starting: Promise.resolve() };
}

test("fix all has the server fix the whole notebook, whichever cells are drawn", async () => {
  editor.window.activeNotebookEditor = { notebook: { uri: "file:///a.ipynb" } };
  const { asked, ...rest } = session(true);
  await fixFile(rest);
  assert.deepEqual(asked, [["workspace/executeCommand", "bufferlint.fixAll", "file:///a.ipynb"]]);
  assert.deepEqual(shown, []);
  editor.window.activeNotebookEditor = undefined;
});

test("fix all says so where there is nothing to fix", async () => {
  editor.window.activeTextEditor = { document: { uri: "file:///a.py" } };
  const { asked, ...rest } = session(false);
  await fixFile(rest);
  assert.equal(asked[0].at(-1), "file:///a.py");
  assert.deepEqual(shown, ["bufferlint: nothing to fix"]);
});
