"""Printers: text, Unicode, LaTeX, Typst and Python, all from the op table's templates."""
