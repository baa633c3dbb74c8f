"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { page, prose, verdicts } = require("../../../bufferlint/editors/vscode/src/panel");

const TABLE = "a.py::A\n  recipe  seed 0\n\n  check            before   after\n  state_dict keys  fail     pass\n      before: mask\n";

test("verdicts are coloured, details stand back, the rest is as it was", () => {
  const html = page("bufferlint verify a.py::A", TABLE, verdicts);
  assert.match(html, /<span>state_dict keys<\/span><span class="fail">fail<\/span><span class="pass">pass<\/span>/);
  assert.match(html, /<pre class="row head"><span>check<\/span>/);
  assert.match(html, /<pre class="detail">before: mask<\/pre>/);
  assert.match(html, /<pre> {2}recipe {2}seed 0<\/pre>/);
  assert.match(html, /\$ bufferlint verify a\.py::A/);
  assert.doesNotMatch(html, /<script/);
});

test("a rule's page has headings, paragraphs and code", () => {
  const html = prose("unregistered-tensor (BUF001)\n\nWhy it is bad\n-------------\n``Module.to()`` moves <it>\n*never*.\n\nBad::\n\n    self.mask = x\n\n    self.y = 1\n\nFix\n---\nNone.\n");
  assert.match(html, /<h3>Why it is bad<\/h3><p><code>Module\.to\(\)<\/code> moves &lt;it&gt;\n<em>never<\/em>\.<\/p>/);
  assert.match(html, /<p>Bad:<\/p>\n<pre class="code">self\.mask = x/);
  assert.match(html, /self\.y = 1<\/pre>\n<h3>Fix<\/h3><p>None\.<\/p>/);
});

test("anything else stays as it was printed", () => {
  assert.match(page("bufferlint audit a:b", "model.mask  [2]\n    made in line 3\n"), /<pre>model\.mask {2}\[2\]\n {4}made in line 3<\/pre>/);
});

test("what a class printed cannot become a page of its own", () => {
  const html = page("x", "<script>alert(1)</script> & more");
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; more/);
});
