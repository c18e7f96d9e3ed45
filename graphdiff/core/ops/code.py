"""How target languages write ops, where that does not follow from the names of the ops.

A function of the domains is ``math.tanh``, ``np.tanh``, ``Math.tanh`` by itself; what is not listed
in a row is written out in the ops that its value consists of.
"""

from __future__ import annotations

from graphdiff.core.ir.op import Code, Target

__all__ = [
    "ABS", "ATAN2", "ERF", "LOGSUMEXP", "LOG_SOFTMAX", "LSE", "MAX", "MIN", "NORMAL_CDF", "ONE_HOT",
    "PLACE", "RELU", "SIGMOID", "SIGN", "SOFTMAX", "SOFTPLUS", "WHERE", "numpy", "operator",
]  # fmt: skip

Codes = dict[Target, Code]


def operator(text: str) -> Codes:
    """What Python writes in one way for numbers and for arrays."""
    return {"python": Code(text), "numpy": Code(text)}


def numpy(text: str) -> Codes:
    """What numpy writes in its own way, or has a function for."""
    return {"numpy": Code(f"np.{text}" if "{" in text else f"np.{text}({{*}})")}


def _defined(helper: str, *others: str) -> Code:
    """A call of the function that a helper defines; ``others`` are those that it calls."""
    name = helper.split("(", maxsplit=1)[0].split()[1]
    return Code(f"{name}({{*}})", (helper, *others))


_ERF = """\
const erf = x => {
  if (Math.abs(x) > 2) return Math.sign(x)*(1 - erfc(Math.abs(x)));
  let term = x, sum = x;
  for (let k = 1; sum + term !== sum; k++) sum += term *= 2*x*x/(2*k + 1);
  return 2/Math.sqrt(Math.PI)*Math.exp(-x*x)*sum;
};"""
_ERFC = """\
const erfc = x => {
  // A continued fraction in the tail, a series of positive terms elsewhere: nothing cancels.
  if (x < 2) return 1 - erf(x);
  let f = 0;
  for (let k = 120; k > 0; k--) f = k/2/(x + f);
  return Math.exp(-x*x)/Math.sqrt(Math.PI)/(x + f);
};"""

ABS: Codes = {"python": Code("abs({*})")}
MAX: Codes = {"python": Code("max({*})"), "numpy": Code("np.maximum({*})")}
MIN: Codes = {"python": Code("min({*})"), "numpy": Code("np.minimum({*})")}
WHERE: Codes = {"python": Code("({1:1} if {0:0} else {2:1})"), "numpy": Code("np.where({*})")}
SIGN: Codes = {"python": _defined("def sign(x):\n    return (x > 0) - (x < 0)")}
RELU: Codes = {"numpy": _defined("def relu(x):\n    return np.maximum(x, 0)")}
ATAN2: Codes = {
    "javascript": _defined("const atan2 = (y, x) => x === 0 && y === 0 ? NaN : Math.atan2(y, x);")
}
ERF: Codes = {
    "numpy": _defined("def erf(x):\n    return np.vectorize(math.erf, otypes=[float])(x)"),
    "javascript": _defined(_ERF, _ERFC),
}
NORMAL_CDF: Codes = {
    "python": _defined("def normal_cdf(x):\n    return math.erfc(-x/math.sqrt(2))/2"),
    "numpy": _defined("""\
def normal_cdf(x):
    return np.vectorize(math.erfc, otypes=[float])(-x/np.sqrt(2))/2"""),
    "javascript": _defined("const normal_cdf = x => erfc(-x/Math.SQRT2)/2;", _ERFC, _ERF),
}
SIGMOID: Codes = {
    "python": _defined("""\
def sigmoid(x):
    return 1/(1 + math.exp(-x)) if x >= 0 else math.exp(x)/(1 + math.exp(x))"""),
    "numpy": _defined("def sigmoid(x):\n    return np.exp(-np.logaddexp(0, -x))"),
    "javascript": _defined("""\
const sigmoid = x =>
  x >= 0 ? 1/(1 + Math.exp(-x)) : Math.exp(x)/(1 + Math.exp(x));"""),
}
SOFTPLUS: Codes = {
    "python": _defined("""\
def softplus(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))"""),
    "numpy": _defined("def softplus(x):\n    return np.logaddexp(0, x)"),
    "javascript": _defined(
        "const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));"
    ),
}
LOGSUMEXP: Codes = {
    "python": _defined("""\
def logsumexp(*xs):
    top = max(xs)
    return top + math.log(sum(math.exp(x - top) for x in xs))"""),
    "numpy": _defined("""\
def logsumexp(*xs):
    return np.logaddexp.reduce(np.broadcast_arrays(*xs), axis=0)"""),
}
LSE: Codes = {
    "numpy": _defined("""\
def lse(x, axis=None, keepdims=False):
    return np.logaddexp.reduce(x, axis=axis, keepdims=keepdims)""")
}
LOG_SOFTMAX: Codes = {
    "numpy": _defined("""\
def log_softmax(x, axis=-1):
    return x - np.logaddexp.reduce(x, axis=axis, keepdims=True)""")
}
SOFTMAX: Codes = {
    "numpy": _defined("""\
def softmax(x, axis=-1):
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)""")
}
ONE_HOT: Codes = {"numpy": _defined("def one_hot(i, classes):\n    return np.eye(classes)[i]")}
PLACE: Codes = {
    "numpy": _defined("""\
def place(x, index, shape):
    out = np.zeros(shape)
    out[tuple(slice(*k) if isinstance(k, list) else k for k in index)] = x
    return out""")
}
