"use strict";
// What the text around the cursor says.

const HEADER = /^(\s*)(class|async|def|if|elif|else|for|while|with|try|except|finally|match|case)\b\s*(\w*)/;

/**
 * The dotted name of the class that a line belongs to, such as `Model` or `Outer.Inner`; undefined outside of classes,
 * and in a class within a function, which has no name from outside.
 *
 * Lines that open no block are passed over: a docstring's text may stand in the first column.
 *
 * @param {string[]} lines
 * @param {number} row counted from 0
 */
function classAt(lines, row) {
  const names = [];
  const line = lines[row] ?? "";
  let inner = /^\s*(#|$)/.test(line) ? Infinity : line.search(/\S/) + 1;
  for (let above = row; above >= 0 && inner > 0; above--) {
    const header = HEADER.exec(lines[above]);
    if (!header || header[1].length >= inner) continue;
    inner = header[1].length;
    if (header[2] === "class") names.unshift(header[3]);
    else if (header[2] === "def" || header[2] === "async") names.length = 0;
  }
  return names.length ? names.join(".") : undefined;
}

/** The code of a rule in a line, such as BUF001. */
function codeIn(line) {
  return /\bBUF\d{3}\b/.exec(line)?.[0];
}

module.exports = { classAt, codeIn };
