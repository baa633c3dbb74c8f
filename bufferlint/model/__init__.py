"""Module classes and the history of each of their attributes; `project` is its door."""
