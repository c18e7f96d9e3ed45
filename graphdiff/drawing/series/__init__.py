"""All the figures of a lecture from one file: what is listed, what is stale, what to build.

A manifest is TOML: a table ``defaults`` and one ``[[figure]]`` for each figure.

    [defaults]
    folder = "pictures"
    formats = ["svg", "pdf"]

    [[figure]]
    name = "simple"
    program = "q = x + y; f = q*z"
    at = "x=-2,y=5,z=-4"

Every other key is an option of the figure, as `graphdiff.drawing.figure.figure` takes it.
"""
