"""Whether an answer is right, with the proof."""
