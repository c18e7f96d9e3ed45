"""The graph: nodes, ops, the tape.  It knows no op but what its table says."""
