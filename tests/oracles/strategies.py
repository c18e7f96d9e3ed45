"""Random expressions of the text language, points at which they are smooth, and shapes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

VARIABLES = ("x", "y", "z")

# Defined and smooth on all reals, and small where their operand is moderate.
UNARY = (
    "sin", "cos", "tanh", "atan", "asinh", "erf", "sigmoid", "softplus", "gelu", "silu", "mish",
    "normal_cdf", "gelu_tanh", "log_sigmoid",
)  # fmt: skip
# Made safe by what is put inside: log(2 + u^2), sqrt(1 + u^2), 1/(1 + u^2), exp(sin(u)).
SAFE = ("log(2 + ({})^2)", "sqrt(1 + ({})^2)", "1/(1 + ({})^2)", "exp(sin({}))", "2^sin({})",
        "cosh(tanh({}))", "acosh(2 + ({})^2)", "asin(tanh({})/2)", "atanh(sin({})/3)",
        "cbrt(1 + ({})^2)", "expm1(cos({}))", "(1.5 + sin({}))^y",
         "log10(3 + sin({}))")  # fmt: skip

numbers = st.one_of(
    st.integers(0, 9).map(str),
    st.sampled_from(["0.5", "1.25", "3/4", "0.1", "pi", "e"]),
)
leaves = st.one_of(st.sampled_from(VARIABLES), st.sampled_from(VARIABLES), numbers)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda t: f"({t[0]}) {t[1]} ({t[2]})"
    )
    unary = st.tuples(st.sampled_from(UNARY), inner).map(lambda t: f"{t[0]}({t[1]})")
    safe = st.tuples(st.sampled_from(SAFE), inner).map(lambda t: t[0].format(t[1]))
    signed = inner.map(lambda t: f"-({t})")
    powers = st.tuples(inner, st.sampled_from("23")).map(lambda t: f"({t[0]})^{t[1]}")
    return st.one_of(binary, binary, unary, safe, signed, powers)


def smooth(leaf_count: int = 8) -> st.SearchStrategy[str]:
    """Programs that are defined and infinitely differentiable everywhere."""
    return st.recursive(leaves, _grow, max_leaves=leaf_count)


def any_syntax(leaf_count: int = 10) -> st.SearchStrategy[str]:
    """Programs that use every printed form, defined or not: for the parser and printers."""
    names = st.sampled_from(["x", "y", "w_1", "net_h1", "θ", "값", "x'", "w0", "alpha"])

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, inner)
        return st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^"]), inner).map(
                lambda t: f"({t[0]}){t[1]}({t[2]})"
            ),
            inner.map(lambda t: f"-({t})"),
            inner.map(lambda t: f"+({t})"),
            inner.map(lambda t: f"|{t}|"),
            inner.map(lambda t: f"√({t})"),
            inner.map(lambda t: f"e^({t})"),
            pair.map(lambda t: f"max({t[0]}, {t[1]}, 0)"),
            pair.map(lambda t: f"atan2({t[0]}, {t[1]})"),
            st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner).map(
                lambda t: f"where({t[0]} {t[1]} {t[2]}, {t[3]}, {t[0]})"
            ),
            st.tuples(
                st.sampled_from(["sin", "ln", "Φ", "σ", "relu", "elu", "leaky_relu"]), inner
            ).map(lambda t: f"{t[0]}({t[1]})"),
        )

    written = st.one_of(names, numbers, st.sampled_from(["1e-5", "1_000", ".5", "2/7", "0.125"]))
    return st.recursive(written, grow, max_leaves=leaf_count)


coordinates = st.builds(Fraction, st.integers(-24, 24), st.sampled_from([7, 8, 11]))


def points() -> st.SearchStrategy[dict[str, Fraction]]:
    """Exact values for the three variables, between −4 and 4."""
    return st.fixed_dictionaries(dict.fromkeys(VARIABLES, coordinates))


# -- shapes of arrays ----------------------------------------------------------------------------

sizes = st.integers(1, 4)


def shapes(least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of that many axes."""
    return st.lists(sizes, min_size=least, max_size=most).map(tuple)


@st.composite
def broadcasting(draw: st.DrawFn, count: int = 2) -> list[tuple[int, ...]]:
    """Shapes that broadcast to one another."""
    common = draw(shapes(most=4))
    found = []
    for _ in range(count):
        tail = common[draw(st.integers(0, len(common))) :]
        found.append(tuple(1 if draw(st.booleans()) and draw(st.booleans()) else n for n in tail))
    return found


@st.composite
def products(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Shapes of two operands of @: vectors, matrices, batches that broadcast."""
    inner, (left, right) = draw(sizes), draw(broadcasting())
    x = draw(st.sampled_from([(inner,), (*left[:2], draw(sizes), inner)]))
    y = draw(st.sampled_from([(inner,), (*right[:2], inner, draw(sizes))]))
    try:
        np.broadcast_shapes(x[:-2], y[:-2])
    except ValueError:  # cut differently, the batches may have lost what made them fit
        return [x, (inner, y[-1])]
    return [x, y]


@st.composite
def reductions(draw: st.DrawFn) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape, and the axes of a reduction over it."""
    shape = draw(shapes(1, 4))
    some = st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True).map(tuple)
    one = st.integers(-len(shape), len(shape) - 1)
    return shape, {"axis": draw(st.one_of(st.none(), one, some)), "keepdims": draw(st.booleans())}


@st.composite
def along_axis(draw: st.DrawFn) -> tuple[tuple[int, ...], int]:
    """A shape and one of its axes, counted from either end."""
    shape = draw(shapes(1, 3))
    return shape, draw(st.integers(-len(shape), len(shape) - 1))


@st.composite
def basic_indices(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """A shape and indices into it: whole numbers, and slices that are not empty."""
    shape = draw(shapes(1, 3))
    index: list[Any] = []
    for n in shape[: draw(st.integers(1, len(shape)))]:
        start = draw(st.integers(0, n - 1))
        stop = draw(st.one_of(st.none(), st.integers(start + 1, n)))
        piece = (draw(st.sampled_from([start, None] if start == 0 else [start])), stop,
                 draw(st.sampled_from([None, 1, 2])))  # fmt: skip
        index.append(draw(st.sampled_from([start, start - n, piece])))
    return shape, tuple(index)


@st.composite
def windowings(draw: st.DrawFn) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape (batch, channels, height, width) and windows that fit it."""
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    window, stride, dilation = draw(pairs), draw(pairs), draw(st.tuples(sizes, sizes))
    places = draw(pairs)
    rest = (
        step * (k - 1) + 1 + s * (p - 1)
        for k, s, step, p in zip(window, stride, dilation, places, strict=True)
    )
    attrs = {"window": window, "stride": stride, "dilation": dilation}
    return (draw(sizes), draw(sizes), *rest), attrs


# -- programs over arrays ------------------------------------------------------------------------

ARRAYS = {"a": (2, 3), "b": (3, 2), "c": (2, 2), "v": (3,), "w": (2,), "s": ()}
_OF_SHAPE = {shape: name for name, shape in ARRAYS.items()}


@st.composite
def array_programs(draw: st.DrawFn, shape: tuple[int, ...] = (), depth: int = 4) -> str:
    """Smooth programs with a value of that shape, in a language that is Python's too."""

    def part(*shape: int) -> str:
        return draw(array_programs(shape, depth - 1))

    if depth == 0:
        return _OF_SHAPE.get(shape) or f"outer({', '.join('v' if n == 3 else 'w' for n in shape)})"
    forms = [
        lambda: f"tanh({part(*shape)})",
        lambda: f"sigmoid({part(*shape)})",
        lambda: f"({part(*shape)} + {part(*shape)})",
        lambda: f"({part(*shape)} - 0.5*{part(*shape)})",
        lambda: f"({part(*shape)} * {part(*shape)})",
        lambda: f"({part(*shape)} * {part()})",
        lambda: f"({part(*shape)} / (2 + sin({part(*shape)})))",
    ]
    other = draw(st.sampled_from([2, 3]))
    if len(shape) == 2:
        m, n = shape
        forms += [
            lambda: f"({part(m, other)} @ {part(other, n)})",
            lambda: f"({part(n, m)}).T",
            lambda: f"({part(m, n)} + {part(n)})",
            lambda: f"outer({part(m)}, {part(n)})",
            lambda: f"softmax({part(m, n)})",
            lambda: f"cumsum({part(m, n)}, axis=1)",
        ]
    elif len(shape) == 1:
        (n,) = shape
        forms += [
            lambda: f"({part(n, other)} @ {part(other)})",
            lambda: f"({part(other)} @ {part(other, n)})",
            lambda: f"sum({part(other, n)}, axis=0)",
            lambda: f"mean({part(n, other)}, axis=1)",
            lambda: f"logsumexp({part(n, other)}, axis=-1)",
            lambda: f"({part(other, n)})[{draw(st.integers(0, other - 1))}]",
            lambda: f"log_softmax({part(n)})",
            lambda: f"stack({', '.join(part() for _ in range(n))})",
        ]
    else:
        forms += [
            lambda: f"sum({part(other)})",
            lambda: f"mean({part(2, other)})",
            lambda: f"({part(other)} @ {part(other)})",
            lambda: f"prod({part(other)})",
            lambda: f"logsumexp({part(other)})",
            lambda: f"({part(3)})[{draw(st.sampled_from(['0', '2', '-1']))}]",
        ]
    return draw(st.sampled_from(forms))()
