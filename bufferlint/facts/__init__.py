"""The small language between a file's syntax and its meaning: plain frozen values, nothing inferred."""
