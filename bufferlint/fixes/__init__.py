"""Obligations that a fix must meet, builders of its edits, and the validation of what was rewritten."""
