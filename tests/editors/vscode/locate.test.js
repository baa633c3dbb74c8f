"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const locating = require("../../../bufferlint/editors/vscode/src/locate");

const known = { path: ["/a/bufferlint"], interpreter: ["/b/python"], selected: "/c/python", fallback: ["/d/python", "-m", "bufferlint"] };

test("settings come first, then the Python extension, PATH, and the installation that wrote the extension", () => {
  const places = locating.candidates({ ...known, trusted: true });
  assert.deepEqual(places.map(({ command }) => command[0]), ["/a/bufferlint", "/b/python", "/c/python", "bufferlint", "/d/python"]);
  assert.deepEqual(places[2].command, ["/c/python", "-m", "bufferlint"]);
});

test("nothing that a workspace names is started until it is trusted", () => {
  const places = locating.candidates({ ...known, trusted: false });
  assert.deepEqual(places.map(({ command }) => command[0]), ["bufferlint", "/d/python"]);
});

test("the first place that runs is taken, and what was tried before is told", async () => {
  const probe = async ([program]) => (program === "bufferlint" ? { version: "0.1.0" } : { problem: "No module named bufferlint" });
  const found = await locating.locate(locating.candidates({ ...known, trusted: true }), probe);
  assert.deepEqual(found.command, ["bufferlint"]);
  assert.equal(found.version, "0.1.0");
  assert.equal(found.tried.length, 3);
});

test("a place whose server does not start is passed over", async () => {
  const probe = async () => ({ version: "0.1.0", problem: "the language server needs pygls" });
  const found = await locating.locate(locating.candidates({ selected: "/c/python", trusted: true }), probe);
  assert.equal(found.command, undefined);
  assert.deepEqual(found.tried.map(({ problem }) => problem), Array(2).fill("the language server needs pygls"));
});

test("a version is read, and otherwise the last line says what is wrong", () => {
  assert.deepEqual(locating.readVersion(0, "bufferlint 0.1.0\n"), { version: "0.1.0" });
  assert.deepEqual(locating.readVersion(1, "Traceback:\n/c/python: No module named bufferlint\n"), {
    problem: "/c/python: No module named bufferlint",
  });
  assert.deepEqual(locating.readVersion(0, "Python 3.12"), { problem: "Python 3.12" });
  assert.deepEqual(locating.readVersion(3, ""), { problem: "exit code 3" });
});

test("a place that is only slow is not said to be missing", async () => {
  const probe = async ([program]) =>
    program === "/c/python" ? { problem: "no answer within 60 seconds", slow: true } : { problem: "spawn bufferlint ENOENT" };
  const { tried } = await locating.locate(locating.candidates({ selected: "/c/python", trusted: true }), probe);
  const { cause, install } = locating.whyMissing(tried, "/c/python");
  assert.equal(cause, "/c/python -m bufferlint gave no answer within 60 seconds");
  assert.equal(install, undefined);
});

test("what is missing is named with the command that installs it", () => {
  const place = { command: ["/c/python", "-m", "bufferlint"] };
  const lacking = locating.whyMissing([{ ...place, problem: "the language server needs pygls" }], "/c/python");
  assert.match(lacking.cause, /lacks what the language server needs$/);
  assert.match(lacking.advice, /^install it with \/c\/python -m pip install/);
  assert.equal(locating.whyMissing([{ ...place, problem: "No module named bufferlint" }]).cause, "bufferlint was not found");
});

test("the install command names the selected interpreter", () => {
  assert.equal(locating.installCommand("/c/python"), '/c/python -m pip install "bufferlint[server]"');
  assert.equal(locating.installCommand("/my env/python"), '"/my env/python" -m pip install "bufferlint[server]"');
  assert.equal(locating.installCommand(undefined), 'python3 -m pip install "bufferlint[server]"');
});

test("variables are replaced, and a relative program lies in its folder", () => {
  const expand = (text) => locating.expand(text, "/project", { VENV: "/v" }, "/home/me");
  assert.equal(expand("${workspaceFolder}/.venv/bin/bufferlint"), "/project/.venv/bin/bufferlint");
  assert.equal(expand("${env:VENV}/bin/python"), "/v/bin/python");
  assert.equal(expand("~/bin/bufferlint"), "/home/me/bin/bufferlint");
  assert.equal(expand("bufferlint"), "bufferlint");
  assert.equal(locating.absolute(".venv/bin/bufferlint", "/project"), "/project/.venv/bin/bufferlint");
  assert.equal(locating.absolute("bufferlint", "/project"), "bufferlint");
});
