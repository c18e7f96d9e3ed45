"""A program run at a point: in doubles, in balls, and what either loses."""
