"""What the files mean together. Knows torch by name only and has never seen a syntax tree; `project` is its door."""
