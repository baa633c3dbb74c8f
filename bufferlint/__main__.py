"""``python -m bufferlint``."""

from bufferlint.shell.cli import main

if __name__ == "__main__":
    main()
