"""The steps of a derivation, free of language and format; formulas are in one notation."""

from __future__ import annotations

from dataclasses import dataclass

from .convolution import Matrix

__all__ = ["Corner", "Derivation", "Flow", "Fork", "Forward", "Gate", "Layer", "Linear", "OneSided"]


@dataclass(frozen=True, slots=True)
class Forward:
    """A gate computes its value: ``q = x + y = −2 + 5 = 3``."""

    gate: str
    chain: tuple[str, ...]
    rounded: str
    """What the numbers as printed would give, where that is another number; else empty."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer computes through its windows: ``y = conv1d(x, w)``."""

    name: str
    chain: tuple[str, ...]
    label: str
    rule: str
    """``y[n] = b + Σ_k w[k] x[n+k]``."""
    sizes: tuple[str, ...]
    """``O = (L + 2P − F)/S + 1 = … = 3`` for each axis."""
    windows: tuple[str, ...]
    """``y[0] = 1·2 + 2·0 = 2``, window by window; empty where some are left out."""
    operand: str
    padding: str
    """How wide the frame of zeros around the operand is; empty if there is none."""
    shift: tuple[str, ...]
    """``x[n]``, ``x[n−2]`` and ``y[n−1]``: the second in place of the first gives the third; empty
    for a layer whose windows differ."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a gate passes to one operand."""

    to: str
    derivative: str
    alone: bool
    """Whether this is all of the operand's gradient."""
    upstream: tuple[str, ...]
    local: tuple[str, ...]
    """The local gradient as formula, formula in numbers, number; repetitions left out."""
    result: str
    rounded: str
    pulled: str = ""
    """For an op of arrays instead of both factors: what it makes of the gradient from above."""
    entries: str = ""
    """The same entry by entry, for a product of matrices in formulas."""
    entrywise: bool = False
    """Whether the factors are multiplied entry by entry."""
    valueless: bool = False
    """Whether the local gradient has no value at the point, where nothing flows."""


@dataclass(frozen=True, slots=True)
class Corner:
    """The one-sided local gradients of a gate on its kink."""

    operand: str
    left: str
    right: str
    used: str
    shared: bool
    """Whether the gradient is shared evenly among operands that tie."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The backward step at one gate."""

    formula: str
    label: str
    action: str
    """Key of the sentence that says what this gate does to gradients."""
    chosen: tuple[str, ...]
    """The operands that a router sends the gradient to."""
    flows: tuple[Flow, ...]
    filled: str = ""
    corners: tuple[Corner, ...] = ()
    layer: bool = False
    """Whether this is a layer with all of its gates."""
    jumps: bool = False
    """Whether the gate's own value jumps here, with the same slope on either side."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Gradients add where a value is used more than once."""

    name: str
    derivative: str
    terms: tuple[str, ...]
    total: str
    rounded: str


@dataclass(frozen=True, slots=True)
class OneSided:
    """The output's one-sided derivatives in an input, where they differ."""

    derivative: str
    left: str
    right: str
    jump: bool


@dataclass(frozen=True, slots=True)
class Linear:
    """A convolution written out as a matrix."""

    layer: str
    operand: str
    weights: str
    """The name of the kernel; empty where that is a constant without one."""
    numbers: dict[tuple[int, ...], str]
    """The entries of such a kernel, by place."""
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Derivation:
    """All steps, in order."""

    title: str
    start: str
    point: tuple[str, ...]
    forward: tuple[Forward | Layer, ...]
    backward: tuple[Gate | Fork, ...]
    gradients: tuple[str, ...]
    shapes: tuple[tuple[str, str, int], ...] = ()
    """Names, shapes and ranks of the inputs, where these are arrays without values."""
    convention: str = ""
    one_sided: tuple[OneSided, ...] = ()
    edges: tuple[tuple[str, bool], ...] = ()
    """Conditions that are exactly on their edge, and whether the branch beside it has the slope."""
    kinks: bool = False
    arrays: bool = False
    scores: bool = False
    """Whether the output is an array, in which no gradient can start."""
    matrices: tuple[Linear, ...] = ()
