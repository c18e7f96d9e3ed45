"""Numbers at the nodes of a graph, as a student worked them out."""
