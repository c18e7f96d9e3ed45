"""Products of vectors and matrices, inverses and determinants.

Rules: Petersen & Pedersen 2012, The Matrix Cookbook; Giles 2008, Collected matrix derivative
results for forward and reverse mode algorithmic differentiation.
"""

from __future__ import annotations

from typing import Any

from graphdiff.core.ir.op import Case, Op
from graphdiff.core.ir.shape import Shape, broadcast_shapes, show_shape
from graphdiff.errors import ShapeMismatch

from . import code
from .shaping import shape_of, sum_to

__all__ = ["ROWS"]

GILES = "Giles 2008, Collected matrix derivative results, "
COOKBOOK = "Petersen & Pedersen 2012, The Matrix Cookbook, "


def _matmul_shape(x: Shape, y: Shape) -> Shape:
    if not x or not y:
        number = "left" if not x else "right"
        hint = "for a product with a number write *"
        raise ShapeMismatch(
            f"@ of shapes {show_shape(x)} and {show_shape(y)}: the {number} operand is a number",
            hint=hint,
        )
    inner = y[0] if len(y) == 1 else y[-2]
    if x[-1] != inner:
        hint = f"the inner sizes {show_shape(x[-1:])} and {show_shape((inner,))} must be equal"
        if len(x) == 2 and x[0] == inner:
            hint = "transpose the left one: .T"
        elif len(y) >= 2 and y[-1] == x[-1]:
            hint = "transpose the right one: .T"
        error = ShapeMismatch(
            f"cannot multiply matrices of shapes {show_shape(x)} and {show_shape(y)}", hint=hint
        )
        error.clash = x[-1], inner
        raise error
    lead = broadcast_shapes(x[:-2], y[:-2])
    return (*lead, *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


def _swap(d: Any, x: Any) -> Any:
    """The last two axes exchanged."""
    rank = len(shape_of(x))
    return d.transpose(x, axes=None if rank == 2 else (*range(rank - 2), rank - 1, rank - 2))


def _left(d: Any, g: Any, out: Any, x: Any, y: Any) -> Any:
    a, b = shape_of(x), shape_of(y)
    if len(b) == 1:
        return g * y if len(a) == 1 else d.outer(g, y) if len(a) == 2 else _outer(d, g, y)
    if len(a) == 1:
        if len(b) == 2:
            return d.matmul(y, g)
        # Batched y: g has a batch of rows.
        column = d.reshape(g, shape=(*shape_of(g), 1))
        product = d.matmul(y, column)
        return sum_to(d, d.reshape(product, shape=shape_of(product)[:-1]), a)
    return sum_to(d, d.matmul(g, _swap(d, y)), a)


def _right(d: Any, g: Any, out: Any, x: Any, y: Any) -> Any:
    a, b = shape_of(x), shape_of(y)
    if len(a) == 1:
        return g * x if len(b) == 1 else d.outer(x, g) if len(b) == 2 else _batch(d, x, g, b)
    if len(b) == 1:
        if len(a) == 2:
            return d.matmul(_swap(d, x), g)
        column = d.reshape(g, shape=(*shape_of(g), 1))
        product = d.matmul(_swap(d, x), column)
        return sum_to(d, d.reshape(product, shape=shape_of(product)[:-1]), b)
    return sum_to(d, d.matmul(_swap(d, x), g), b)


def _outer(d: Any, g: Any, y: Any) -> Any:
    """g (…, m) and y (n) to (…, m, n)."""
    return d.matmul(d.reshape(g, shape=(*shape_of(g), 1)), d.reshape(y, shape=(1, -1)))


def _batch(d: Any, x: Any, g: Any, shape: Shape) -> Any:
    """x (k) and g (…, n) to (…, k, n)."""
    have = shape_of(g)
    return d.matmul(d.reshape(x, shape=(-1, 1)), d.reshape(g, shape=(*have[:-1], 1, have[-1])))


def _outer_shape(x: Shape, y: Shape) -> Shape:
    if len(x) != 1 or len(y) != 1:
        raise ShapeMismatch(
            f"outer of shapes {show_shape(x)} and {show_shape(y)}", hint="outer takes two vectors"
        )
    return (*x, *y)


def _dot_shape(x: Shape, y: Shape) -> Shape:
    if len(x) != 1 or len(y) != 1:
        raise ShapeMismatch(
            f"dot of shapes {show_shape(x)} and {show_shape(y)}",
            hint="dot takes two vectors; matrices multiply with @",
        )
    return _matmul_shape(x, y)


def _dot(d: Any, x: Any, y: Any) -> Any:
    _dot_shape(shape_of(x), shape_of(y))
    return d.matmul(x, y)


def _square(name: str) -> Any:
    def shape(x: Shape) -> Shape:
        if len(x) != 2 or x[0] != x[1]:
            hint = "it takes one square matrix"
            error = ShapeMismatch(f"{name} of shape {show_shape(x)}", hint=hint)
            error.clash = (x[0], x[1]) if len(x) == 2 else None
            raise error
        return x

    return shape


def _det_vjp(d: Any, g: Any, out: Any, x: Any) -> Any:
    """det x · x⁻ᵀ as a formula; in numbers the cofactors, which a singular matrix has too."""
    shape = shape_of(x)
    if d.symbolic:
        return d.broadcast(g * out, shape=shape) * d.transpose(d.inv(x))
    return d.broadcast(g, shape=shape) * d.cofactors(x)


def _diag_shape(x: Shape) -> Shape:
    if len(x) != 1:
        hint = "it takes a vector; the diagonal of a matrix is diagonal(x)"
        raise ShapeMismatch(f"diag of shape {show_shape(x)}", hint=hint)
    return (*x, *x)


def _solve_shape(a: Shape, b: Shape) -> Shape:
    _square("solve")(a)
    if len(b) not in (1, 2) or b[0] != a[0]:
        hint = f"{show_shape(a)} needs {a[0]} rows on the right"
        message = f"cannot solve shapes {show_shape(a)} and {show_shape(b)}"
        error = ShapeMismatch(message, hint=hint)
        error.clash = (a[0], b[0]) if len(b) in (1, 2) else None
        raise error
    return b


def _solve_matrix(d: Any, g: Any, out: Any, a: Any, b: Any) -> Any:
    back = d.solve(d.transpose(a), g)
    if len(shape_of(b)) == 1:
        return -d.outer(back, out)
    return -d.matmul(back, d.transpose(out))


ROWS = (
    Op(
        code=code.operator("{0:2}@{1:3}"),
        usage="x@y",
        name="matmul", action="product",
        params=("x", "y"), doc="Matrix product x @ y, for vectors, matrices and "
        "batches of matrices.",
        source=GILES + "sec. 2.2.1", role="switcher", shape=_matmul_shape,
        value=lambda d, x, y: d.matmul(x, y), vjp=(_left, _right), symbol="@",
        text="{0:2}@{1:3}", unicode="{0:2} {1:3}", latex="{0:2} \\, {1:3}", typst="{0:2} {1:3}",
        binds=2,
        cases=(
            Case(((3,), (3,))), Case(((2, 3), (3,))), Case(((3,), (3, 2))), Case(((2, 3), (3, 4))),
            Case(((2, 2, 3), (3, 2))), Case(((2, 2, 3), (2, 3, 2))), Case(((2, 2, 3), (3,))),
            Case(((3,), (2, 3, 2))),
        ),
        matrix_product=True,
    ),
    Op(
        name="dot", params=("x", "y"), composite=True, doc="Inner product of two vectors.",
        source=COOKBOOK + "sec. 2.4", shape=_dot_shape, value=_dot,
        cases=(Case(((3,), (3,))),),
    ),
    Op(
        name="outer", action="product", params=("x", "y"), doc="Outer product x yᵀ of two vectors.",
        code=code.numpy("outer"),
        source=COOKBOOK + "sec. 2.4", role="switcher", shape=_outer_shape,
        value=lambda d, x, y: d.outer(x, y),
        vjp=(
            lambda d, g, out, x, y: d.matmul(g, y), lambda d, g, out, x, y: d.matmul(x, g),
        ),
        unicode="{0:2} {1:5}ᵀ", latex="{0:2} \\, {1:5}^\\top", typst="{0:2} {1:5}^top",
        symbol="x yᵀ", binds=2, cases=(Case(((2,), (3,))),),
    ),
    Op(
        name="trace", aliases=("tr",), doc="Sum of the diagonal.", source=COOKBOOK + "sec. 2.5",
        composite=True, shape=lambda x: _square("trace")(x)[:0],
        value=lambda d, x: d.sum(d.diagonal(x)), cases=(Case(((3, 3),)),),
    ),
    Op(
        name="diagonal", action="moved", doc="The diagonal of a square matrix, as a vector.",
        code=code.numpy("diagonal"),
        source="NumPy documentation, numpy.diagonal", role="router",
        shape=lambda x: _square("diagonal")(x)[:1], value=lambda d, x: d.diagonal(x),
        vjp=(lambda d, g, out, x: d.diag(g),), cases=(Case(((3, 3),)),),
        exact=True,
    ),
    Op(
        name="diag", action="moved", doc="The matrix with that diagonal.", role="router",
        code=code.numpy("diag"),
        source="NumPy documentation, numpy.diag", shape=_diag_shape,
        value=lambda d, x: d.diag(x), vjp=(lambda d, g, out, x: d.diagonal(g),),
        cases=(Case(((3,),)),),
        exact=True,
    ),
    Op(
        name="det", doc="Determinant of a square matrix.", source=GILES + "sec. 2.2.4",
        elimination=True,
        code=code.numpy("linalg.det"),
        shape=lambda x: _square("det")(x)[:0], value=lambda d, x: d.det(x),
        vjp=(_det_vjp,), domain="square matrices; the formula of its gradient needs det ≠ 0",
        cases=(Case(((2, 2),), kinds=("square",)), Case(((3, 3),), kinds=("square",))),
    ),
    Op(
        name="inv", doc="Inverse of a square matrix.", source=GILES + "sec. 2.2.3",
        elimination=True,
        code=code.numpy("linalg.inv"),
        shape=_square("inv"), value=lambda d, x: d.inv(x),
        vjp=(
            lambda d, g, out, x: -d.matmul(
                d.matmul(d.transpose(out), g), d.transpose(out)
            ),
        ),
        symbol="⁻¹", unicode="{0:9}⁻¹", latex="{0:9}^{{-1}}", typst="{0:9}^(-1)",
        domain="matrices with det ≠ 0",
        cases=(Case(((2, 2),), kinds=("square",)), Case(((3, 3),), kinds=("square",))),
    ),
    Op(
        name="solve", params=("a", "b"), doc="x with a @ x = b.", source=GILES + "sec. 2.3.1",
        elimination=True,
        code=code.numpy("linalg.solve"),
        shape=_solve_shape, role="switcher", value=lambda d, a, b: d.solve(a, b),
        vjp=(
            _solve_matrix, lambda d, g, out, a, b: d.solve(d.transpose(a), g),
        ),
        unicode="{0:9}⁻¹ {1:3}", latex="{0:9}^{{-1}} {1:3}", typst="{0:9}^(-1) {1:3}",
        domain="matrices with det ≠ 0",
        cases=(
            Case(((2, 2), (2,)), kinds=("square", "")),
            Case(((3, 3), (3, 2)), kinds=("square", "")),
        ),
    ),
)  # fmt: skip
