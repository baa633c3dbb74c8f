"""The intermediate representation between a file's syntax and its meaning: frozen values, nothing inferred."""
