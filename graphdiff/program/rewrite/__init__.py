"""Passes that return another graph; the one the user wrote is never touched."""
