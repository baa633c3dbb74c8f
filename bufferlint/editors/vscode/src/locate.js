"use strict";
// Finds the command that runs bufferlint. Nothing here knows of VS Code: what the editor says comes in as values.

const path = require("node:path");

/**
 * The places to look for bufferlint, best first, as ruff's extension has them: the settings, the Python that the Python
 * extension has selected, PATH, and at last the installation that wrote this extension.
 *
 * @param {{path?: string[], interpreter?: string[], selected?: string, fallback?: string[], trusted: boolean}} known
 * @returns {{command: string[], origin: string}[]}
 */
function candidates(known) {
  const found = [];
  const add = (command, origin) => command.length && found.push({ command, origin });
  if (known.trusted) {
    for (const program of known.path ?? []) add([program], "the setting bufferlint.path");
    if (known.interpreter?.length) add([...known.interpreter, "-m", "bufferlint"], "the setting bufferlint.interpreter");
    if (known.selected) add([known.selected, "-m", "bufferlint"], "the interpreter of the Python extension");
  }
  add(["bufferlint"], "PATH");
  if (known.fallback?.length) add(known.fallback, "the installation that wrote this extension");
  return found;
}

/**
 * The first candidate that runs and has what the server needs.
 *
 * @param {{command: string[], origin: string}[]} places
 * @param {(command: string[]) => Promise<{version?: string, problem?: string, slow?: boolean}>} probe
 */
async function locate(places, probe) {
  const tried = [];
  for (const place of places) {
    const { version, problem, slow } = await probe(place.command);
    if (version && !problem) return { ...place, version, tried };
    tried.push({ ...place, problem: problem ?? "does not run", slow: slow ?? false });
  }
  return { tried };
}

/** What kept bufferlint from being found, and what to do: `install` is a command, unless one is there and only slow. */
function whyMissing(tried, selected) {
  const slow = tried.find((each) => each.slow);
  if (slow) return { cause: `${slow.command.join(" ")} gave ${slow.problem}`, advice: "the machine may be busy" };
  const install = installCommand(selected);
  const near = tried.find(({ problem }) => /\bpygls\b|\blsprotocol\b/.test(problem));
  const cause = near ? `${near.command.join(" ")} lacks what the language server needs` : "bufferlint was not found";
  return { cause, advice: `install it with ${install}`, install };
}

/** How to install bufferlint where the editor looks first. */
function installCommand(selected) {
  return `${quote(selected || "python3")} -m pip install "bufferlint[server]"`;
}

/** One argument as a shell takes it. */
function quote(argument) {
  return /^[\w@%+=:,./\\-]+$/.test(argument) ? argument : `"${argument.replace(/(["$`\\])/g, "\\$1")}"`;
}

/** Replace the variables that VS Code leaves to extensions. */
function expand(text, folder, environment, home) {
  return text
    .replaceAll("${workspaceFolder}", folder ?? "")
    .replaceAll("${userHome}", home ?? "")
    .replace(/\$\{env:(\w+)\}/g, (_, name) => environment[name] ?? "")
    .replace(/^~(?=[/\\])/, home ?? "~");
}

/** What a probe's output says: the version of `bufferlint --version`, or what keeps it from running. */
function readVersion(code, output) {
  const version = /^bufferlint (\S+)/m.exec(output)?.[1];
  if (code === 0 && version) return { version };
  const lines = output.trim().split("\n");
  return { problem: lines.at(-1) || `exit code ${code}` };
}

/** A setting that names a program, relative to the folder it is made for. */
function absolute(program, folder) {
  return folder && /[/\\]/.test(program) && !path.isAbsolute(program) ? path.join(folder, program) : program;
}

module.exports = { candidates, locate, whyMissing, installCommand, quote, expand, readVersion, absolute };
