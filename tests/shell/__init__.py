"""The shell's tests."""
