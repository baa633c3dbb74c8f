"use strict";
// The page of a panel: what a command printed, with its verdicts in colour and in columns that fit a narrow panel.

const STYLE = `
  body { padding: 0 1rem 1rem; }
  pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5;
        font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
  pre.command { margin: 0.7rem 0; }
  .row { display: grid; grid-template-columns: 1fr 4rem 4rem; border-top: 1px solid var(--vscode-panel-border); }
  .head { color: var(--vscode-descriptionForeground); }
  .pass { color: var(--vscode-testing-iconPassed); }
  .fail { color: var(--vscode-testing-iconFailed); font-weight: bold; }
  .skip { color: var(--vscode-descriptionForeground); }
  .code { margin: 0.5rem 0; padding: 0.5rem 0.8rem; background: var(--vscode-textCodeBlock-background); }
  p { max-width: 46rem; line-height: 1.5; }
  .detail { color: var(--vscode-descriptionForeground); padding-left: 1.5rem; }
`;
const VERDICTS = /^ {2}(\S.*?) {2,}(pass|fail|skip|before) {2,}(pass|fail|skip|after)\s*$/;

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** A row of the table: two verdicts at its end; a detail: a line that is set in further. */
function line(text) {
  const [, label, before, after] = VERDICTS.exec(text) ?? [];
  if (label) {
    const kind = before === "before" ? "row head" : "row";
    const cells = [before, after].map((verdict) => `<span class="${verdict}">${verdict}</span>`).join("");
    return `<pre class="${kind}"><span>${escape(label)}</span>${cells}</pre>`;
  }
  if (/^ {4,}\S/.test(text)) return `<pre class="detail">${escape(text.trimStart())}</pre>`;
  return `<pre>${escape(text) || " "}</pre>`;
}

/** A rule's page, which is written like a docstring: underlined headings, paragraphs, and code that is set in. */
function prose(output) {
  return output
    .trim()
    .split(/\n{2,}(?=\S)|(?<=\S)\n{2,}/)
    .map((block) => {
      const heading = /^(.*)\n-{3,}\n?/.exec(block);
      const rest = heading ? block.slice(heading[0].length) : block;
      const title = heading ? `<h3>${escape(heading[1])}</h3>` : "";
      if (!rest.trim()) return title;
      if (/^ {4}/.test(rest)) return `${title}<pre class="code">${escape(rest.replace(/^ {4}/gm, ""))}</pre>`;
      const marked = escape(rest.replace(/::$/, ":"))
        .replace(/``(.+?)``/gs, "<code>$1</code>")
        .replace(/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, "<em>$1</em>");
      return `${title}<p>${marked}</p>`;
    })
    .join("\n");
}

/** What a command printed, as it is. */
const verbatim = (output) => `<pre>${escape(output.trimEnd())}</pre>`;

/** What `verify` printed: the rows of its table become a table's rows. */
const verdicts = (output) => output.trimEnd().split("\n").map(line).join("\n");

/** A page without scripts that shows what `command` printed. */
function page(command, printed, layout = verbatim) {
  const body = layout(printed.replaceAll("\r\n", "\n"));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${STYLE}</style>
<title>bufferlint</title>
</head>
<body>
<pre class="command head">$ ${escape(command)}</pre>
${body}
</body>
</html>
`;
}

module.exports = { page, prose, verbatim, verdicts };
