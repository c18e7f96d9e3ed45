"""From a diagram to a picture: typesetting, layout, and one file per format.

Diagram ──layout──▶ Scene ──▶ SVG · Typst · PDF · PNG
   └──────────────▶ DOT
"""
