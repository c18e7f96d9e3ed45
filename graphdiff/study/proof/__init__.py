"""Independent proofs: nothing here uses the derivative rules that it checks."""
