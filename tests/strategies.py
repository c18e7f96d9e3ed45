"""Random expressions of the text language, and points at which they are smooth."""

from __future__ import annotations

from fractions import Fraction

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
