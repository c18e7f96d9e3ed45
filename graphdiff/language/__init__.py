"""Text to tape and back: programs, handwriting, and every notation."""
