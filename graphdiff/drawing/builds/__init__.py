"""A figure in steps, as a lecturer builds it up."""
