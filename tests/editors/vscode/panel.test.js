"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { page } = require("../../../bufferlint/editors/vscode/src/panel");

test("verdicts are coloured, details stand back, the rest is as it was", () => {
  const html = page("bufferlint verify a.py::A", "  check  before   after\n  state_dict keys    fail     pass\n      before: mask\n");
  assert.match(html, /  state_dict keys {4}<span class="fail">fail<\/span> {5}<span class="pass">pass<\/span>/);
  assert.match(html, /<span class="detail"> {6}before: mask<\/span>/);
  assert.match(html, /\$ bufferlint verify a\.py::A/);
  assert.doesNotMatch(html, /<script/);
});

test("what a class printed cannot become a page of its own", () => {
  const html = page("x", "<script>alert(1)</script> & more");
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; more/);
});
