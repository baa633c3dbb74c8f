"""From source text to facts. The only room that knows a syntax tree, and the only one that imports libcst."""
