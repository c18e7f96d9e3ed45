"""One pass up the tape for values, one down for gradients, over any domain."""
