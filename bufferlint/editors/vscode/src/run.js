"use strict";
// Runs bufferlint's commands as processes.

const { spawn } = require("node:child_process");

/**
 * Run a command to its end.
 *
 * @param {string[]} command
 * @param {{cwd?: string, timeout?: number, signal?: AbortSignal}} options
 * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
 */
function run(command, options = {}) {
  return new Promise((resolve) => {
    const [program, ...rest] = command;
    const child = spawn(program, rest, { ...options, env: { ...process.env, NO_COLOR: "1", PYTHONIOENCODING: "utf-8" } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.stdin.end();
    child.on("error", (error) => resolve({ code: null, stdout, stderr: `${stderr}${error.message}` }));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

module.exports = { run };
