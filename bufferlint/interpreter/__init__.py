"""Abstract interpretation of function bodies: values, state, statements and events. Has never seen a syntax tree."""
