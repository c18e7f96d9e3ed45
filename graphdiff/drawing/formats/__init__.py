"""A scene as a file, one module per format."""
