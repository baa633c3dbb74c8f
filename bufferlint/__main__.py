"""``python -m bufferlint``."""

from bufferlint.cli.main import main

if __name__ == "__main__":
    main()
