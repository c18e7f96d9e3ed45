"""Expressions made simpler by rules that keep their meaning."""
