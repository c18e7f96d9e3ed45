"""What every JavaScript program of a graph is made of: helpers, kinks, the backward sweep."""

from __future__ import annotations

from graphdiff.core.ops.activation import SELU_ALPHA, SELU_SCALE

__all__ = ["BACKWARD", "CALLS", "CHOOSE", "GATE", "HELPERS", "KINKS", "MATH"]

MATH = {
    "exp", "expm1", "log", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "abs", "sign", "floor", "ceil",
    "max", "min", "pow",
}  # fmt: skip
# Each is declared once in a program, with those that it calls.
HELPERS = {
    "erfc": """\
const erfc = x => {
  // A continued fraction in the tail, a series of positive terms elsewhere: nothing cancels.
  if (x < 2) return 1 - erf(x);
  let f = 0;
  for (let k = 120; k > 0; k--) f = k/2/(x + f);
  return Math.exp(-x*x)/Math.sqrt(Math.PI)/(x + f);
};""",
    "erf": """\
const erf = x => {
  if (Math.abs(x) > 2) return Math.sign(x)*(1 - erfc(Math.abs(x)));
  let term = x, sum = x;
  for (let k = 1; sum + term !== sum; k++) sum += term *= 2*x*x/(2*k + 1);
  return 2/Math.sqrt(Math.PI)*Math.exp(-x*x)*sum;
};""",
    "normal_cdf": "const normal_cdf = x => erfc(-x/Math.SQRT2)/2;",
    "sigmoid": (
        "const sigmoid = x =>\n  x >= 0 ? 1/(1 + Math.exp(-x)) : Math.exp(x)/(1 + Math.exp(x));"
    ),
    "softplus": "const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));",
    "atan2": "const atan2 = (y, x) => x === 0 && y === 0 ? NaN : Math.atan2(y, x);",
}
CALLS = {"erfc": ("erf",), "erf": ("erfc",), "normal_cdf": ("erfc",)}
_BEST = {"max": "Math.max(...x)", "min": "Math.min(...x)"}
_STEP, _NONE = "x[0] === 0", "0"
_INTEGER = "Number.isInteger(x[0])"
_LEAKY = "x[0] === 0 && x[1] !== 1", "t[0] > 0 ? t[0] : x[1]*t[0]"
_SELU = f"t[0]*(t[0] > 0 ? {float(SELU_SCALE)!r} : {float(SELU_SCALE * SELU_ALPHA)!r})"
# For each op with a kink: is x on it, and its slope there along the direction t (Hadamard).
KINKS = {
    "abs": (_STEP, "Math.abs(t[0])"),
    "sign": (_STEP, _NONE),
    "step": (_STEP, _NONE),
    "floor": (_INTEGER, _NONE),
    "ceil": (_INTEGER, _NONE),
    "atan2": ("x[0] === 0 && x[1] < 0", "t[0]/x[1]"),
    "relu": (_STEP, "Math.max(t[0], 0)"),
    "leaky_relu": _LEAKY,
    "prelu": _LEAKY,
    "elu": _LEAKY,
    "selu": (_STEP, _SELU),
    "hardtanh": (
        "x[0] === -1 || x[0] === 1",
        "x[0] === -1 ? Math.max(t[0], 0) : Math.min(t[0], 0)",
    ),
    "relu6": ("x[0] === 0 || x[0] === 6", "x[0] === 0 ? Math.max(t[0], 0) : Math.min(t[0], 0)"),
    "clamp": (
        "x[0] === x[1] || x[0] === x[2]",
        "x[0] === x[1] ? Math.max(t[0], t[1]) : Math.min(t[0], t[2])",
    ),
    **{
        name: (
            f"x.filter(y => y === {best}).length > 1",
            f"Math.{name}(...t.filter((_, k) => x[k] === {best}))",
        )
        for name, best in _BEST.items()
    },
}
CHOOSE = """\
const kink = ([at, slope, tie], x, k, free) => {
  // The slope that the convention chooses on a kink; undefined off it.  Operands that tie get
  // shares that add up to 1, from a side those that the first one which is no constant decides.
  if (x.some(Number.isNaN) || !at(x)) return undefined;
  const forth = x.map((_, j) => +(j === k));
  const left = 0 - slope(x, forth.map(t => -t)), right = slope(x, forth);
  if (tie && left !== right) {
    const tied = [...x.keys()].filter(j => x[j] === x[k]);
    const first = tied.find(j => free[j]) ?? tied[0];
    if (convention === "zero" || convention === "mean") return 1/tied.length;
    if (k !== first) return (1 - kink([at, slope, tie], x, first, free))/(tied.length - 1);
  }
  if (convention === "left") return left;
  if (convention === "right") return right;
  if (convention === "mean") return (left + right)/2;
  return left*right > 0 ? (Math.abs(right) < Math.abs(left) ? right : left) : 0;
};"""
GATE = """\
const gate = (value, ...x) =>
  x.some(Number.isNaN) || (typeof value === "number" && !Number.isFinite(value)) ? NaN : value;"""
BACKWARD = """\
const backward = (v, locals) => {
  const gradients = [], shares = [];
  gradients[output] = 1;
  edges.forEach(([i, , k], e) => {
    gradients[i] ??= 0;
    gradients[k] ??= 0;
    shares[e] = Number.isNaN(v[i]) ? 0 : gradients[i]*locals[e];
    gradients[k] += shares[e];
  });
  return {gradients, shares};
};"""
