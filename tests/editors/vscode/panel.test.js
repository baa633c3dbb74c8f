"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { page } = require("../../../bufferlint/editors/vscode/src/panel");

const TABLE = "a.py::A\n  recipe  seed 0\n\n  check            before   after\n  state_dict keys  fail     pass\n      before: mask\n";

test("verdicts are coloured, details stand back, the rest is as it was", () => {
  const html = page("bufferlint verify a.py::A", TABLE);
  assert.match(html, /<span>state_dict keys<\/span><span class="fail">fail<\/span><span class="pass">pass<\/span>/);
  assert.match(html, /<pre class="row head"><span>check<\/span>/);
  assert.match(html, /<pre class="detail">before: mask<\/pre>/);
  assert.match(html, /<pre> {2}recipe {2}seed 0<\/pre>/);
  assert.match(html, /\$ bufferlint verify a\.py::A/);
  assert.doesNotMatch(html, /<script/);
});

test("what holds no table stays one text", () => {
  assert.match(page("bufferlint rule BUF001", "Example\n-------\nBad::\n\n    self.mask = x\n"), /<pre>Example\n-------\nBad::\n\n {4}self\.mask = x<\/pre>/);
});

test("what a class printed cannot become a page of its own", () => {
  const html = page("x", "<script>alert(1)</script> & more");
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; more/);
});
