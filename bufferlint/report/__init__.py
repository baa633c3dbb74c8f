"""Reports as text: one file per format, each with a function from a report to a string."""
