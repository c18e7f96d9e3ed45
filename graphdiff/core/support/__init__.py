"""What every room needs and no other library gives: caches, files, parts that may be missing."""
