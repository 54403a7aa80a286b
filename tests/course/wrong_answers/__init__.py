"""One file for each notebook."""
