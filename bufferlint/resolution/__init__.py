"""Names across files, class hierarchies and call sites."""
