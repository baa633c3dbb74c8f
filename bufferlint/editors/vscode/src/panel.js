"use strict";
// The page of a panel: what a command printed, with its verdicts in colour.

const STYLE = `
  body { padding: 0 1rem 1rem; }
  pre { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); line-height: 1.45; }
  .pass { color: var(--vscode-testing-iconPassed); }
  .fail { color: var(--vscode-testing-iconFailed); font-weight: bold; }
  .skip { color: var(--vscode-testing-iconSkipped); }
  .detail { color: var(--vscode-descriptionForeground); }
`;

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** A row of the table: two verdicts at its end; a detail: a line that is set in further. */
function line(text) {
  const row = /^( {2}\S.*?\s{2,})(pass|fail|skip)(\s+)(pass|fail|skip)(.*)$/.exec(text);
  if (row) {
    const [, label, before, gap, after, rest] = row;
    return `${escape(label)}<span class="${before}">${before}</span>${gap}<span class="${after}">${after}</span>${escape(rest)}`;
  }
  return /^ {4,}/.test(text) ? `<span class="detail">${escape(text)}</span>` : escape(text);
}

/** A page without scripts that shows what `command` printed. */
function page(command, output) {
  const body = output.trimEnd().split(/\r?\n/).map(line).join("\n");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${STYLE}</style>
<title>bufferlint</title>
</head>
<body>
<pre class="detail">$ ${escape(command)}</pre>
<pre>${body}</pre>
</body>
</html>
`;
}

module.exports = { page };
