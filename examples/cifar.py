"""A network of the size of CIFAR-10 images, 3072 → 100 → 10, with weights drawn from a seed."""

from typing import Any

import numpy

import graphdiff as gd

PROGRAM = """
h = max(0, W1@x)
s = W2@h
L = cross_entropy(s, y)
"""


def point() -> dict[str, Any]:
    """An image, weights as He et al. 2015 draw them, and a label."""
    random = numpy.random.default_rng(10)
    return {
        "x": random.uniform(-1, 1, 3072),
        "W1": random.normal(0, (2 / 3072) ** 0.5, (100, 3072)),
        "W2": random.normal(0, (2 / 100) ** 0.5, (10, 100)),
        "y": 3,
    }


if __name__ == "__main__":
    trace = gd.parse(PROGRAM).backprop(point())
    print(f"loss {trace.value:.6f}")
    for name, gradient in trace.gradients.items():
        print(f"{name}: {gradient.shape}, norm {numpy.linalg.norm(gradient):.6f}")

# prints: loss 3.708273
# prints: W1: (100, 3072), norm 37.546598
# prints: x: (3072,), norm 1.652780
# prints: W2: (10, 100), norm 5.989999
