"""What people answer: judged, explained, graded, set."""
