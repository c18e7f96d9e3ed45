"""What was asked, and what it is at a point."""
