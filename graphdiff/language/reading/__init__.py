"""Text to graph.  Nothing here evaluates text as code."""
