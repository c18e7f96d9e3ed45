"""What is written in a figure: names, numbers and formulas."""
