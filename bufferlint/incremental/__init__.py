"""What a result rested on, and whether it is still valid."""
