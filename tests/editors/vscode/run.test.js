"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { run } = require("../../../bufferlint/editors/vscode/src/run");

test("both streams and the exit code of a command", async () => {
  const script = "console.log('out'); console.error('err'); process.exitCode = 3";
  assert.deepEqual(await run([process.execPath, "-e", script]), { code: 3, stdout: "out\n", stderr: "err\n" });
});

test("a program that is not there is an answer", async () => {
  const { code, stderr } = await run(["/nowhere/bufferlint", "--version"]);
  assert.equal(code, null);
  assert.match(stderr, /ENOENT/);
});

test("a command can be stopped", async () => {
  const { code } = await run([process.execPath, "-e", "setTimeout(() => {}, 60000)"], { signal: AbortSignal.timeout(50) });
  assert.equal(code, null);
});
