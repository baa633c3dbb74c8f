"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { classAt, codeIn } = require("../../../bufferlint/editors/vscode/src/cursor");

const LINES = `import torch


class Outer(nn.Module):
    """A docstring
whose second line stands in the first column."""

    class Inner(nn.Module):
        def forward(self, x):
            # a comment
            return x

    def forward(self, x):
        class Hidden:
            size = 3

        if x is None:

            return self.inner(
                x
            )
        return x


if __name__ == "__main__":
    print(Outer())


def make():
    class Local(nn.Module):
        pass
    return Local()
`.split("\n");

const at = (text) => classAt(LINES, LINES.findIndex((line) => line.includes(text)));

test("the class of a line", () => {
  assert.equal(at("class Outer"), "Outer");
  assert.equal(at("A docstring"), "Outer");
  assert.equal(at("class Inner"), "Outer.Inner");
  assert.equal(at("a comment"), "Outer.Inner");
  assert.equal(at("self.inner("), "Outer");
  assert.equal(classAt(LINES, LINES.findIndex((line) => line.includes("is None")) + 1), "Outer");
});

test("a class within a function has no name from outside", () => {
  assert.equal(at("size = 3"), "Outer");
  assert.equal(at("class Local"), undefined);
  assert.equal(at("return Local"), undefined);
});

test("code beside classes belongs to none", () => {
  assert.equal(at("import torch"), undefined);
  assert.equal(at("print(Outer())"), undefined);
  assert.equal(classAt([], 0), undefined);
});

test("the code of a rule in a line", () => {
  assert.equal(codeIn("self.mask = x  # noqa: BUF001"), "BUF001");
  assert.equal(codeIn("self.BUFFER = 1"), undefined);
});
