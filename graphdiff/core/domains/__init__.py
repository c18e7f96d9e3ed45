"""Numeric domains: what "number" means when a rule is read."""
