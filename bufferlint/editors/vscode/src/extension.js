"use strict";
// The extension: starts `bufferlint server` and offers its commands.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient, RevealOutputChannelOn, State } = require("vscode-languageclient/node");
const { absolute, candidates, expand, locate, readVersion, whyMissing } = require("./locate");
const { codeIn } = require("./cursor");
const { run } = require("./run");
const commands = require("./commands");

const SELECTOR = [
  { scheme: "file", language: "python" },
  { scheme: "untitled", language: "python" },
  { notebook: { scheme: "file", notebookType: "jupyter-notebook" }, language: "python" },
];
const PROBE_TIMEOUT = 60_000; // a first start on a busy machine takes its time

/** One window's session: the server, and what shows its state. */
class Session {
  constructor(context) {
    this.context = context;
    this.output = vscode.window.createOutputChannel("bufferlint", { log: true });
    this.status = vscode.window.createStatusBarItem("bufferlint", vscode.StatusBarAlignment.Right, 0);
    this.status.name = "bufferlint";
    this.status.command = "bufferlint.showOutput";
    this.client = undefined;
    this.found = undefined;
    this.starting = Promise.resolve();
    context.subscriptions.push(this.output, this.status);
  }

  /** Start the server, or start it anew; one start at a time. */
  restart() {
    this.starting = this.starting.then(() => this.stop()).then(() => this.#start());
    return this.starting.catch((error) => this.#failed(`the server did not start: ${error.message}`));
  }

  /** The folder that settings are read for: that of the editor at hand, or the first one. */
  folder(uri = vscode.window.activeTextEditor?.document.uri) {
    return (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
  }

  settings(uri) {
    return vscode.workspace.getConfiguration("bufferlint", uri);
  }

  /** The interpreter that the Python extension has selected for a file; undefined without that extension. */
  async selectedInterpreter(uri) {
    const python = vscode.extensions.getExtension("ms-python.python");
    if (!python) return undefined;
    try {
      const { environments } = await python.activate().then((api) => api ?? python.exports);
      const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(uri));
      return environment?.executable.uri?.fsPath;
    } catch (error) {
      this.output.warn(`the Python extension named no interpreter: ${error.message}`);
      return undefined;
    }
  }

  async stop() {
    const client = this.client;
    this.client = undefined;
    await client?.dispose();
  }

  async #start() {
    const folder = this.folder();
    const settings = this.settings(folder?.uri);
    if (!settings.get("enable", true)) {
      this.#show("circle-slash", "switched off by the setting bufferlint.enable");
      return;
    }
    this.#show("loading~spin", "starting");
    const selected = await this.selectedInterpreter(folder?.uri);
    const replaced = (text) => absolute(expand(text, folder?.uri.fsPath, process.env, os.homedir()), folder?.uri.fsPath);
    const places = candidates({
      path: settings.get("path", []).map(replaced),
      interpreter: settings.get("interpreter", []).map(replaced),
      selected,
      fallback: this.#fallback(),
      trusted: vscode.workspace.isTrusted,
    });
    const found = await locate(places, probe);
    for (const each of found.tried) this.output.info(`${each.command.join(" ")} (${each.origin}): ${each.problem}`);
    if (!found.command) {
      void this.#missing(found.tried, selected); // waits for a click, which a restart must not
      return;
    }
    this.output.info(`${found.command.join(" ")} (${found.origin}): bufferlint ${found.version}`);
    this.found = found;
    await this.#connect(found, folder);
  }

  async #connect(found, folder) {
    const [command, ...args] = found.command;
    const cwd = folder?.uri.fsPath;
    const client = new LanguageClient(
      "bufferlint",
      "bufferlint",
      { command, args: [...args, "server"], options: { cwd } },
      {
        documentSelector: SELECTOR,
        outputChannel: this.output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        // the server asks for those of each folder where there are several
        initializationOptions: () => ({ settings: this.#serverSettings(severalFolders() ? undefined : folder?.uri) }),
        synchronize: { configurationSection: "bufferlint" },
      },
    );
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.#show("check", `bufferlint ${found.version}\n${found.command.join(" ")}\n${found.origin}`);
      else if (newState === State.Stopped && this.client === client) this.#failed("the server has stopped");
    });
    this.client = client;
    await client.start();
  }

  /** The settings that the server knows, without those that nobody made: the project's configuration holds then. */
  #serverSettings(uri) {
    const settings = this.settings(uri);
    const made = (names) => names.map((name) => [name.split(".").at(-1), settings.get(name)]).filter(([, value]) => value !== null);
    const verify = Object.fromEntries(made(["verify.python", "verify.device", "verify.timeout"]));
    return { ...Object.fromEntries(made(["select", "ignore", "configuration", "unsafeFixes"])), verify };
  }

  /** The installation that wrote this extension, which `bufferlint editor vscode` notes in it. */
  #fallback() {
    try {
      return JSON.parse(fs.readFileSync(path.join(this.context.extensionPath, "fallback.json"), "utf8")).command;
    } catch {
      return undefined;
    }
  }

  #show(icon, tooltip, wrong = false) {
    this.status.text = `$(${icon}) bufferlint`;
    this.status.tooltip = tooltip;
    this.status.backgroundColor = wrong ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.status.show();
  }

  #failed(problem) {
    this.output.error(problem);
    this.#show("warning", `${problem}: see the output`, true);
  }

  /** Say what was tried, and the command that installs bufferlint where it is looked for first. */
  async #missing(tried, selected) {
    const { cause, advice, install } = whyMissing(tried, selected);
    this.#failed(`${cause}; ${advice}`);
    const choices = [install ? "Open in terminal" : "Try again", "Settings", "Show output"];
    const answer = await vscode.window.showErrorMessage(`${cause}: ${advice}`, ...choices);
    if (answer === "Open in terminal") {
      const terminal = vscode.window.createTerminal("bufferlint");
      terminal.show();
      terminal.sendText(install, false);
    } else if (answer === "Try again") {
      await this.restart();
    } else if (answer === "Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "bufferlint.path");
    } else if (answer === "Show output") {
      this.output.show();
    }
  }
}

const severalFolders = () => (vscode.workspace.workspaceFolders?.length ?? 0) > 1;

/** What `COMMAND --version` says, and whether its server starts: with nothing to read it ends at once. */
async function probe(command) {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT);
  const slow = { problem: `no answer within ${PROBE_TIMEOUT / 1000} seconds`, slow: true };
  const asked = await run([...command, "--version"], { signal });
  if (signal.aborted) return slow;
  const said = readVersion(asked.code, asked.stdout || asked.stderr);
  if (said.problem) return said;
  const tried = await run([...command, "server"], { signal });
  if (signal.aborted) return slow;
  return tried.code === 0 ? said : { problem: tried.stderr.trim().split("\n").at(-1) };
}

async function activate(context) {
  const session = new Session(context);
  const register = (name, command) =>
    context.subscriptions.push(vscode.commands.registerCommand(`bufferlint.${name}`, command));
  register("restart", () => session.restart());
  register("showOutput", () => session.output.show());
  register("fixFile", () => commands.fixFile(session));
  register("verifyClass", () => commands.verifyClass(session));
  register("explainRule", (code) => commands.explainRule(session, code ?? codeUnderCursor()));
  register("auditModel", () => commands.auditModel(session));
  const python = vscode.extensions.getExtension("ms-python.python");
  python?.activate().then((api) => {
    const changed = (api ?? python.exports)?.environments?.onDidChangeActiveEnvironmentPath;
    if (changed) context.subscriptions.push(changed(() => session.restart()));
  });
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => session.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const which = ["enable", "path", "interpreter", "select", "ignore", "configuration", "unsafeFixes", "verify"];
      if (which.some((name) => event.affectsConfiguration(`bufferlint.${name}`))) session.restart();
    }),
    { dispose: () => session.stop() },
  );
  await session.restart();
  return { session };
}

/** The rule of the diagnostic at the cursor, or whose code stands in the line. */
function codeUnderCursor() {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const here = editor.selection.active;
  const diagnostics = vscode.languages.getDiagnostics(editor.document.uri).filter(({ source }) => source === "bufferlint");
  const near = diagnostics.find(({ range }) => range.contains(here)) ?? diagnostics.find(({ range }) => range.start.line === here.line);
  const code = near?.code;
  return (typeof code === "object" ? code?.value : code) ?? codeIn(editor.document.lineAt(here.line).text);
}

module.exports = { activate };
