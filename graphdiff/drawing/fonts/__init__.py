"""The Korean subset font, as package data (licence: ``OFL.txt`` beside it)."""
