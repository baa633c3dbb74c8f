"""Everything that touches the project's files: configuration, notebooks, caches, atomic writes."""
