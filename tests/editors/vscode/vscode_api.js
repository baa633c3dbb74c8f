"use strict";
// The parts of VS Code's module `vscode` that the extension and its language client use in a test, over real processes.
// What is not written out is a name that does nothing: any member of it can be read, called and constructed.

const path = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");

/** A value that has every member, takes every call, and gives another such value. */
function anything() {
  const known = new Map();
  const target = class {};
  return new Proxy(target, {
    get: (_, name) => {
      if (name === "then" || name === Symbol.iterator) return undefined;
      if (name === "prototype") return target.prototype;
      if (name === Symbol.toPrimitive) return () => "";
      if (!known.has(name)) known.set(name, anything());
      return known.get(name);
    },
    set: (_, name, value) => known.set(name, value) && true,
    apply: () => anything(),
  });
}

/** An object whose unwritten members are such values. */
function withAnything(object) {
  const members = new Proxy(object, {
    get: (target, name) => (name in target || typeof name === "symbol" || name === "then" ? target[name] : (target[name] = anything())),
  });
  return members;
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(...places) {
    const [start, end] = places.length === 4 ? [new Position(places[0], places[1]), new Position(places[2], places[3])] : places;
    Object.assign(this, { start, end });
  }
}

class Uri {
  constructor(text) {
    const { protocol, pathname } = new URL(text);
    Object.assign(this, { text, scheme: protocol.slice(0, -1), path: pathname });
  }
  static parse = (text) => new Uri(text);
  static file = (name) => new Uri(pathToFileURL(name).href);
  get fsPath() {
    return fileURLToPath(this.text);
  }
  toString() {
    return this.text;
  }
}

class EventEmitter {
  listeners = new Set();
  event = (listener, self) => {
    const bound = (value) => listener.call(self, value);
    this.listeners.add(bound);
    return { dispose: () => this.listeners.delete(bound) };
  };
  fire(value) {
    for (const each of [...this.listeners]) each(value);
  }
  dispose() {
    this.listeners.clear();
  }
}

class Disposable {
  constructor(dispose) {
    this.dispose = dispose;
  }
  static from(...several) {
    return new Disposable(() => several.forEach((each) => each.dispose()));
  }
}

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

class WorkspaceEdit {
  changes = [];
  set(uri, edits) {
    this.changes.push([uri, edits.map((each) => (Array.isArray(each) ? each[0] : each))]); // with metadata beside it
  }
  entries() {
    return this.changes;
  }
}

class TextEdit {
  constructor(range, newText) {
    Object.assign(this, { range, newText });
  }
}

class TabInputText {
  constructor(uri) {
    this.uri = uri;
  }
}

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event };
  cancel() {
    this.token.isCancellationRequested = true;
  }
  dispose() {}
}

/** Waits for values: `next()` gives each once, in order. */
function queue() {
  const waiting = [];
  const values = [];
  return {
    put: (value) => (waiting.length ? waiting.shift()(value) : values.push(value)),
    next: () => (values.length ? Promise.resolve(values.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}

/** The module for a window with one folder, and what a person does and sees in it. */
module.exports = function editorWith(folder, settings) {
  const uri = Uri.file(folder);
  const folders = [{ uri, name: path.basename(folder), index: 0 }];
  const opened = new EventEmitter();
  const commands = new Map();
  const changedTabs = new EventEmitter();
  const tabs = [];
  const found = queue();
  const edits = queue();
  const status = { show() {}, dispose() {} };
  const documents = [];
  const said = [];
  const log = Object.fromEntries(["info", "warn", "error", "debug", "trace"].map((level) => [level, (text) => said.push(`${level}: ${text}`)]));

  const window = withAnything({
    tabGroups: withAnything({ all: [{ tabs }], onDidChangeTabs: changedTabs.event }),
    visibleTextEditors: [],
    visibleNotebookEditors: [],
    activeNotebookEditor: undefined,
    createStatusBarItem: () => status,
    createOutputChannel: () => withAnything({ ...log, dispose() {} }),
    withProgress: (_options, task) => task(withAnything({}), new CancellationTokenSource().token),
    ...Object.fromEntries(["Error", "Warning", "Information"].map((level) => [`show${level}Message`, async (text) => void said.push(text)])),
    setStatusBarMessage: (text) => said.push(`status: ${text}`),
  });
  const configuration = { get: (name, otherwise = null) => settings[`bufferlint.${name}`] ?? otherwise };
  const workspace = withAnything({
    textDocuments: documents,
    notebookDocuments: [],
    workspaceFolders: folders,
    isTrusted: true,
    onDidOpenTextDocument: opened.event,
    getWorkspaceFolder: (each) => (each.fsPath.startsWith(folder) ? folders[0] : undefined),
    getConfiguration: () => configuration,
    applyEdit: async (edit) => (edits.put(edit), true),
    decode: undefined,
  });
  const languages = withAnything({
    match: (selector, document) => (selector.some?.(({ language }) => language === document.languageId) ? 10 : 0),
    createDiagnosticCollection: () =>
      withAnything({
        set: (each, diagnostics) => found.put([String(each), diagnostics]),
        delete() {},
        clear() {},
        dispose() {},
        has: () => false,
      }),
  });
  const api = withAnything({
    ...{ Position, Range, Uri, EventEmitter, Disposable, Diagnostic, WorkspaceEdit, TextEdit, TabInputText, CancellationTokenSource },
    ...{ window, workspace, languages },
    version: "1.101.0",
    env: { language: "en", appName: "tests" },
    extensions: { getExtension: () => undefined },
    StatusBarAlignment: { Left: 1, Right: 2 },
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    commands: withAnything({
      registerCommand: (name, command) => (commands.set(name, command), new Disposable(() => commands.delete(name))),
      executeCommand: (name, ...given) => commands.get(name)?.(...given),
    }),
  });

  return {
    api,
    status,
    said,
    settings,
    run: (name, ...given) => commands.get(name)(...given),
    edit: edits.next,
    /** Show a document, as a person opens a file. */
    open(file, text) {
      const each = { uri: Uri.file(file), languageId: "python", version: 1, isDirty: false, lineCount: text.split("\n").length };
      const document = { ...each, fileName: file, getText: () => text };
      documents.push(document);
      window.activeTextEditor = { document };
      window.visibleTextEditors.push(window.activeTextEditor);
      tabs.push({ input: new TabInputText(document.uri) });
      changedTabs.fire({ opened: tabs.slice(-1), closed: [], changed: [] });
      opened.fire(document);
      return document;
    },
    async until(condition) {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    /** The next diagnostics that a document gets, once there are any. */
    async diagnostics(document) {
      for (;;) {
        const [shown, diagnostics] = await found.next();
        if (shown === String(document.uri) && diagnostics.length) return diagnostics;
      }
    },
  };
};
