"""Does the rewritten class still run? A worker under the user's interpreter says; torch is imported there only."""
