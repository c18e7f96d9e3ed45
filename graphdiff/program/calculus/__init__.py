"""Matrix calculus: gradients of array programs as formulas, simplified, checked and printed."""
