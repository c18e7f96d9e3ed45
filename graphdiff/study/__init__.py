"""A question about a program, answered with a proof."""
