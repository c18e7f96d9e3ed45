"""A program at a point: graph, trace, formulas, and its order as a lecture."""
