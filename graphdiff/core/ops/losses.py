"""Losses and penalties, written into the graph as the ops they consist of.

What one sample is, and so what ``each=1`` leaves, depends on the loss: a row for losses of classes
and distances, an entry for the binary ones.  Without it a vector's loss is one number, and a
batch's the mean over its samples; only the sums of squares are sums over everything, as their
names say.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, show_shape
from graphdiff.errors import DomainError, ShapeMismatch

from .layers import require
from .settings import real
from .shaping import shape_of

__all__ = ["ROWS"]

LINEAR = "CS231n notes, Linear classification"
DEEP = "Goodfellow, Bengio & Courville 2016, Deep Learning, "
HALF = Fraction(1, 2)
EACH = {"each": 0}


def _pair(op: str, names: tuple[str, str], y: Shape, t: Shape) -> Shape:
    """Check two operands that belong together entry by entry; either may be a number."""
    if y and t:  # broadcasting N×1 against N would make N×N differences
        require(op, names[1], t, y, f"{names[0]} of shape {show_shape(y)}")
    return y or t


def _distance_shape(op: str, y: Shape, t: Shape, *, each: Any, **_: Any) -> Shape:
    shape = _pair(op, ("y", "t"), y, t)
    return shape[:-1] if each else ()


def _binary_shape(op: str, names: tuple[str, str], y: Shape, t: Shape, *, each: Any) -> Shape:
    shape = _pair(op, names, y, t)
    return shape if each else ()


def _reduced(d: Any, x: Any, reduction: str, each: Any = 0) -> Any:
    """The sum or mean of all entries, or of each row."""
    if not shape_of(x):
        return x
    return getattr(d, reduction)(x, axis=-1 if each else None)


def _samples(d: Any, x: Any, each: Any) -> Any:
    """The mean over the samples, unless each one is wanted."""
    return x if each or not shape_of(x) else d.mean(x)


def _square(d: Any, y: Any, t: Any) -> Any:
    return (y - t) ** 2


def _huber(d: Any, y: Any, t: Any, *, delta: Any) -> Any:
    """q·(r − q/2) with q = r cut to ±δ: ½r² inside, δ(|r| − ½δ) outside."""
    r = y - t
    q = d.clamp(r, -delta, delta)
    return q * (r - HALF * q)


def _huber_shape(y: Shape, t: Shape, *, each: Any, delta: Any) -> Shape:
    real("huber", "delta", delta)
    if not delta > 0:
        raise DomainError(f"huber with delta = {delta}", hint="delta is a positive number")
    return _distance_shape("huber", y, t, each=each)


def _distance(
    name: str, doc: str, source: str, entry: Callable[..., Any], reduction: str = "mean",
    factor: Any = 1, **rest: Any,
) -> Op:  # fmt: skip
    """A loss that adds up what the entries are apart."""

    def value(d: Any, y: Any, t: Any, *, each: Any, **attrs: Any) -> Any:
        return factor * _reduced(d, entry(d, y, t, **attrs), reduction, each)

    given: dict[str, Any] = {"shape": partial(_distance_shape, name), "attrs": EACH, **rest}
    cases = (Case(((3,), (3,))), Case(((2, 3), (2, 3))), Case(((2, 3), (2, 3)), {"each": 1}))
    return Op(
        name=name, params=("y", "t"), doc=doc, source=source, composite=True, value=value,
        cases=cases, **given,
    )  # fmt: skip


def _classes_shape(op: str, names: tuple[str, str], s: Shape, y: Shape, *, each: Any) -> Shape:
    """Scores or probabilities of classes in each row, with a label or probabilities for it."""
    if not s or y not in (s[:-1], s):
        hint = "K scores with one label, or N×K with N labels; or targets of the same shape"
        message = f"{op}: {names[1]} of shape {show_shape(y)} does not fit {names[0]} of shape "
        error = ShapeMismatch(message + show_shape(s), hint=hint)
        if len(y) == len(s) > 0:
            error.clash = next((a, b) for a, b in zip(s, y, strict=True) if a != b)
        raise error
    return s[:-1] if each else ()


def _labels_shape(op: str, s: Shape, y: Shape, *, each: Any, margin: Any) -> Shape:
    real(op, "margin", margin)
    if not s or y != s[:-1]:
        hint = "K scores with one label, or N×K with N labels"
        message = f"{op}: y of shape {show_shape(y)} does not fit s of shape {show_shape(s)}"
        error = ShapeMismatch(message, hint=hint)
        error.clash = (s[0], y[0]) if len(y) == 1 == len(s) - 1 else None
        raise error
    return s[:-1] if each else ()


def _picked(d: Any, x: Any, y: Any) -> Any:
    """The entry of each row that its label names."""
    return d.gather(x, y) if shape_of(y) else d.take(x, y)


def _cross_entropy(d: Any, s: Any, y: Any, *, each: Any) -> Any:
    logs = d.log_softmax(s)
    if shape_of(y) == shape_of(s):
        return _samples(d, -d.sum(y * logs, axis=-1), each)
    return _samples(d, -_picked(d, logs, y), each)


def _nll(d: Any, p: Any, y: Any, *, each: Any) -> Any:
    if shape_of(y) == shape_of(p):
        return _samples(d, -d.sum(d.xlogy(y, p), axis=-1), each)
    return _samples(d, -d.log(_picked(d, p, y)), each)


def _multiclass_hinge(d: Any, s: Any, y: Any, *, each: Any, margin: Any) -> Any:
    right = _picked(d, s, y)
    if shape_of(y):
        right = d.reshape(right, shape=(*shape_of(y), 1))
    others = 1 - d.one_hot(y, classes=shape_of(s)[-1])
    return _samples(d, d.sum(d.relu(s - right + margin) * others, axis=-1), each)


def _hinge(d: Any, s: Any, y: Any, *, each: Any) -> Any:
    return _samples(d, d.relu(1 - y * s), each)


def _bce(d: Any, p: Any, t: Any, *, each: Any) -> Any:
    return _samples(d, -(t * d.log(p) + (1 - t) * d.log(1 - p)), each)


def _bce_logits(d: Any, z: Any, t: Any, *, each: Any) -> Any:
    return _samples(d, d.softplus(z) - t * z, each)


def _rows_shape(op: str, names: tuple[str, str], p: Shape, q: Shape, *, each: Any) -> Shape:
    shape = _pair(op, names, p, q)
    return shape[:-1] if each else ()


def _kl_div(d: Any, p: Any, q: Any, *, each: Any) -> Any:
    terms = d.xlogy(p, p / q)
    return _samples(d, d.sum(terms, axis=-1) if shape_of(terms) else terms, each)


def _kl_normal(d: Any, mu: Any, logvar: Any, *, each: Any) -> Any:
    terms = d.exp(logvar) + mu**2 - 1 - logvar
    return _samples(d, HALF * (d.sum(terms, axis=-1) if shape_of(terms) else terms), each)


def _binary(name: str, names: tuple[str, str], doc: str, source: str, **rest: Any) -> Op:
    return Op(
        name=name, params=names, doc=doc, source=source, composite=True, attrs=EACH,
        shape=partial(_binary_shape, name, names), **rest,
    )  # fmt: skip


def _cases(*kinds: str) -> tuple[Case, ...]:
    """A sample and a batch, whose second operand is of the same shape."""
    row, rows = ((3,),) * 2, ((2, 3),) * 2
    return (Case(row, kinds=kinds), Case(rows, kinds=kinds), Case(rows, {"each": 1}, kinds))


def _labelled(kind: str) -> tuple[Case, ...]:
    """A sample and a batch, with labels."""
    kinds = (kind, "labels:3")
    return (
        Case(((3,), ()), kinds=kinds), Case(((4, 3), (4,)), kinds=kinds),
        Case(((4, 3), (4,)), {"each": 1}, kinds),
    )  # fmt: skip


ROWS = (
    _distance("mse", "Mean of the squares (y − t)².", DEEP + "sec. 5.1.4", _square),
    _distance("half_mse", "Half the mean of the squares: ½·mean (y − t)².",
              "Nielsen, Neural Networks and Deep Learning, ch. 1, eq. 6", _square, factor=HALF),
    _distance("sse", "Sum of the squares (y − t)², over a whole batch too.",
              "Bishop 2006, Pattern Recognition and Machine Learning, sec. 1.1", _square, "sum"),
    _distance("half_sse", "Half the sum of the squares: ½·Σ (y − t)², over a whole batch too.",
              "Bishop 2006, Pattern Recognition and Machine Learning, eq. 1.2", _square, "sum",
              HALF),
    _distance("mae", "Mean of the distances |y − t|.", "PyTorch documentation, torch.nn.L1Loss",
              lambda d, y, t: d.abs(y - t), aliases=("l1_loss",)),
    _distance("huber", "Mean of ½(y − t)² where |y − t| ≤ δ, else δ(|y − t| − ½δ).",
              "Huber 1964, Robust Estimation of a Location Parameter; PyTorch documentation, "
              "torch.nn.HuberLoss", _huber, attrs={"each": 0, "delta": 1}, shape=_huber_shape),
    _binary("hinge", ("s", "y"), "Mean of max(0, 1 − y·s), with y = 1 or −1.",
            "Boser, Guyon & Vapnik 1992; " + LINEAR + ", binary support vector machine",
            value=_hinge, cases=(Case(((), ())), *_cases("", ""))),
    _binary("bce", ("p", "t"), "Mean of −t ln p − (1 − t) ln(1 − p): binary cross-entropy of "
            "probabilities p.", DEEP + "sec. 6.2.2.2", value=_bce, domain="0 < p < 1",
            cases=_cases("unit", "unit")),
    _binary("bce_logits", ("z", "t"), "Binary cross-entropy of p = σ(z), without overflow: mean of "
            "softplus(z) − t·z.", DEEP + "sec. 6.2.2.2; PyTorch documentation, "
            "torch.nn.BCEWithLogitsLoss", value=_bce_logits, cases=_cases("", "unit")),
    Op(
        name="cross_entropy", params=("s", "y"), attrs=EACH, composite=True,
        doc="−ln softmax(s)[y] for scores (logits) s and a label y; −Σ y·ln softmax(s) for "
        "probabilities y; of a batch the mean.",
        source=LINEAR + ", softmax classifier; PyTorch documentation, torch.nn.CrossEntropyLoss",
        shape=partial(_classes_shape, "cross_entropy", ("s", "y")), value=_cross_entropy,
        cases=(*_labelled(""), *_cases("", "unit")),
    ),
    Op(
        name="nll", params=("p", "y"), attrs=EACH, composite=True, domain="p > 0",
        doc="−ln p[y] for probabilities p and a label y; −Σ y·ln p for probabilities y; of a batch "
        "the mean.  (PyTorch's takes ln p.)",
        source=DEEP + "sec. 5.5; " + LINEAR + ", softmax classifier",
        shape=partial(_classes_shape, "nll", ("p", "y")), value=_nll,
        cases=(*_labelled("unit"), *_cases("unit", "unit")),
    ),
    Op(
        name="multiclass_hinge", aliases=("svm_loss",), params=("s", "y"), discrete=(1,),
        attrs={"each": 0, "margin": 1}, composite=True,
        doc="Σ over the wrong classes j of max(0, s_j − s_y + margin); of a batch the mean.",
        source=LINEAR + ", multiclass SVM; Weston & Watkins 1999",
        shape=partial(_labels_shape, "multiclass_hinge"), value=_multiclass_hinge,
        cases=_labelled(""),
    ),
    Op(
        name="kl_div", params=("p", "q"), attrs=EACH, composite=True, domain="p, q > 0",
        doc="Kullback–Leibler divergence Σ p ln(p/q) of each row; of a batch the mean.",
        source="Kullback & Leibler 1951; " + DEEP + "sec. 3.13", value=_kl_div,
        shape=partial(_rows_shape, "kl_div", ("p", "q")), cases=_cases("unit", "unit"),
    ),
    Op(
        name="kl_normal", params=("mu", "logvar"), attrs=EACH, composite=True,
        doc="Divergence of N(μ, σ²) from N(0, 1), ½ Σ (σ² + μ² − 1 − ln σ²), for each row of μ and "
        "ln σ²; of a batch the mean.",
        source="Kingma & Welling 2013, Auto-Encoding Variational Bayes, arXiv:1312.6114, app. B",
        shape=partial(_rows_shape, "kl_normal", ("mu", "logvar")), value=_kl_normal,
        cases=_cases("", ""),
    ),
    Op(
        name="l1_penalty", params=("w",), composite=True, shape=lambda w: (),
        doc="Σ |w|; the strength λ is written in front.", source=DEEP + "sec. 7.1.2",
        value=lambda d, w: _reduced(d, d.abs(w), "sum"), cases=(Case(((3,),)), Case(((2, 3),))),
    ),
    Op(
        name="l2_penalty", params=("w",), composite=True, shape=lambda w: (),
        doc="Σ w²; the strength λ (or ½λ) is written in front.",
        source=DEEP + "sec. 7.1.1; " + LINEAR + ", regularization",
        value=lambda d, w: _reduced(d, w**2, "sum"), cases=(Case(((3,),)), Case(((2, 3),))),
    ),
)  # fmt: skip
