"""A figure as one interactive page."""
