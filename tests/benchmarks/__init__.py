"""How much time and memory the tool takes beside others, run by hand: ``python -m tests.benchmarks --help``."""
