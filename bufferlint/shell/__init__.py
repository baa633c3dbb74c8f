"""Everything that touches disk, terminal or process: the command line and what it needs."""
