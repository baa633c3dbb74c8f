"""The language server: what editors send, put before the engine, and what it says, put into their terms."""
