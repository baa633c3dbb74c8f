"use strict";
// The commands of the palette.

const path = require("node:path");
const vscode = require("vscode");
const { classAt } = require("./cursor");
const { page, prose, verbatim, verdicts } = require("./panel");
const { run } = require("./run");

/** Make all safe fixes of the file or notebook at hand, as `fix --apply` does; nothing is saved. */
async function fixFile(session) {
  const shown = vscode.window.activeNotebookEditor?.notebook ?? vscode.window.activeTextEditor?.document;
  if (!shown) return;
  await session.starting.catch(() => undefined);
  // the server edits all cells at once; VS Code gives code actions of those only that it has drawn
  const fixed = await session.client?.sendRequest("workspace/executeCommand", {
    command: "bufferlint.fixAll",
    arguments: [shown.uri.toString()],
  });
  if (fixed === false) vscode.window.setStatusBarMessage("bufferlint: nothing to fix", 4000);
}

/** Run the class under the cursor before and after the fix, and show the table. */
async function verifyClass(session) {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.languageId !== "python") return;
  const { document, selection } = editor;
  const name = classAt(document.getText().split(/\r?\n/), selection.active.line);
  if (!name) {
    vscode.window.showInformationMessage("bufferlint: the cursor is in no class that can be named from outside; put it into one.");
    return;
  }
  const notebook = vscode.workspace.notebookDocuments.find((each) => each.getCells().some((cell) => cell.document === document));
  await (notebook ?? document).save();
  const file = (notebook ?? document).uri.fsPath;
  const settings = session.settings(document.uri);
  const python = settings.get("verify.python") ?? (await session.selectedInterpreter(document.uri));
  const options = [];
  if (python) options.push("--python", python);
  for (const option of ["device", "timeout"]) {
    const value = settings.get(`verify.${option}`);
    if (value !== null) options.push(`--${option}`, String(value));
  }
  const folder = session.folder(document.uri)?.uri.fsPath;
  const shown = folder ? path.relative(folder, file) : file;
  await show(session, document.uri, `verify ${name}`, ["verify", `${shown}::${name}`, ...options], verdicts);
}

/** Show a rule's page. */
async function explainRule(session, code) {
  const rule = code ?? (await vscode.window.showInputBox({ title: "bufferlint: explain a rule", placeHolder: "BUF001" }));
  if (rule) await show(session, undefined, rule, ["rule", rule], prose);
}

/** Build a model and list the tensors that it does not register. */
async function auditModel(session) {
  const target = await vscode.window.showInputBox({
    title: "bufferlint: audit a model",
    prompt: "A function that returns the model, as module:function or file.py:function",
    placeHolder: "pkg.models:make",
  });
  const python = session.settings().get("verify.python") ?? (await session.selectedInterpreter());
  if (target) await show(session, undefined, `audit ${target}`, ["audit", target, ...(python ? ["--python", python] : [])]);
}

/** Run one of bufferlint's commands and show what it prints in a panel beside the editor. */
async function show(session, uri, title, rest, layout = verbatim) {
  await session.starting.catch(() => undefined);
  if (!session.found) {
    await vscode.commands.executeCommand("bufferlint.restart");
    if (!session.found) return;
  }
  const cwd = session.folder(uri)?.uri.fsPath ?? (uri && path.dirname(uri.fsPath));
  const command = [...session.found.command, ...rest];
  const shown = ["bufferlint", ...rest].map((each) => (/[\s"']/.test(each) ? JSON.stringify(each) : each)).join(" ");
  session.output.info(`${command.join(" ")} (in ${cwd})`);
  const done = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `bufferlint: ${title}`, cancellable: true },
    (_progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      return run(command, { cwd, signal: stop.signal }).then((result) => (stop.signal.aborted ? undefined : result));
    },
  );
  if (!done) return;
  const panel = vscode.window.createWebviewPanel("bufferlint", title, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, {});
  panel.webview.html = page(shown, `${done.stdout}${done.stderr}`, done.stdout ? layout : verbatim);
}

module.exports = { fixFile, verifyClass, explainRule, auditModel };
