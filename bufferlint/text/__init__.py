"""Text and ranges in it; knows nothing about Python beyond how its files name their encoding."""
