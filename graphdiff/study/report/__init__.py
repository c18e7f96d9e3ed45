"""A trace as a document: the JSON contract, tables, Markdown."""
