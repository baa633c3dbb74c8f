"""One file per subcommand; the engine is imported when a command runs, not when its help is shown."""
