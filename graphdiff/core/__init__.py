"""What an expression is, and what a rule means over any kind of number."""
