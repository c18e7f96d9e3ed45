"""One module per command; they do not import each other."""
