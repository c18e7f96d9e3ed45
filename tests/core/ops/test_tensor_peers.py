"""Values, gradients and second derivatives of tensor ops at random shapes: torch's and jax's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from array_oracles import given as made_input
from array_oracles import gradients, summed, value
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    along_axis,
    basic_indices,
    broadcasting,
    products,
    reductions,
    shapes,
    sizes,
    windowings,
)

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.backward import gradient

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # arrays of a few entries; more threads only wait for one another
seeds = st.integers(0, 2**32 - 1)
some = settings(max_examples=30)
Function = Callable[..., Any]


class Ours:
    """An op on given doubles, with gradients for the upstream u, and those of <gradient, v>."""

    def __init__(
        self, name: str, xs: Sequence[Any], fixed: Sequence[Any] = (), **attrs: Any
    ) -> None:
        tape, domain = Tape(STANDARD), FloatArrays()
        d: Any = symbolic(tape)
        operands = [made_input(tape, f"x{k}", np.shape(x)) for k, x in enumerate([*xs, *fixed])]
        out = getattr(d, name)(*operands, **attrs)
        rng = np.random.default_rng(1)
        self.u = rng.normal(size=out.shape)
        self.vs = [rng.normal(size=np.shape(x)) for x in xs]
        u = made_input(tape, "u", out.shape)
        vs = [made_input(tape, f"v{k}", v.shape) for k, v in enumerate(self.vs)]
        point = {f"x{k}": x for k, x in enumerate([*xs, *fixed])}
        point |= {"u": self.u, **{f"v{k}": v for k, v in enumerate(self.vs)}}
        wrt = [x.id for x in operands[: len(xs)]]
        total = summed(d, u * out)
        self.out = value(tape, out.id, point, domain)
        first = gradients(tape, total.id, point, domain, wrt)
        self.first = [first[i] for i in wrt]
        again = d.number(0)
        for v, formula in zip(vs, gradient(tape, total.id, wrt), strict=True):
            again = again + summed(d, v * formula)
        second = gradients(tape, again.id, point, domain, wrt)
        self.second = [second[i] for i in wrt]


def close(ours: Any, theirs: Any) -> None:
    theirs = np.asarray(theirs)
    assert np.shape(ours) == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10 * max(1, abs(theirs).max()))


def torch_agrees(
    name: str, function: Function, xs: Sequence[Any], fixed: Sequence[Any] = (), **attrs: Any
) -> None:
    """``function`` is torch's; ``fixed`` operands are labels."""
    ours = Ours(name, xs, fixed, **attrs)
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
    out = function(*tensors, *[torch.tensor(i) for i in fixed])
    close(ours.out, out.detach().numpy())
    total = (torch.tensor(ours.u) * out).sum()
    first = torch.autograd.grad(total, tensors, create_graph=True)
    again = sum((torch.tensor(v) * g).sum() for v, g in zip(ours.vs, first, strict=True))
    second = [torch.zeros_like(t) for t in tensors]
    if again.requires_grad:
        second = torch.autograd.grad(again, tensors, materialize_grads=True)
    for mine, theirs in zip(ours.first + ours.second, [*first, *second], strict=True):
        close(mine, theirs.numpy(force=True))


def numbers(seed: int, *wanted: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in wanted]


def dims(x: Any, axis: Any) -> Any:
    return tuple(range(x.ndim)) if axis is None else axis


# -- torch ---------------------------------------------------------------------------------------


@given(products(), seeds)
@some
def test_matmul(pair: list[tuple[int, ...]], seed: int) -> None:
    torch_agrees("matmul", torch.matmul, numbers(seed, *pair))


def product_over(x: Any, dim: Any, keepdim: bool) -> Any:
    """torch.prod takes one axis at a time."""
    for k in sorted(k % x.ndim for k in (dim if isinstance(dim, tuple) else (dim,)))[::-1]:
        x = x.prod(k, keepdim=keepdim)
    return x


REDUCED: dict[str, Function] = {
    "sum": torch.sum, "mean": torch.mean, "amax": torch.amax, "amin": torch.amin,
    "lse": torch.logsumexp, "prod": product_over,
    "norm": lambda x, dim, keepdim: torch.linalg.vector_norm(x, 2, dim, keepdim),
    "norm1": lambda x, dim, keepdim: torch.linalg.vector_norm(x, 1, dim, keepdim),
    "sqnorm": lambda x, dim, keepdim: (x * x).sum(dim, keepdim),
}  # fmt: skip


@pytest.mark.parametrize("name", REDUCED)
@given(reductions(), seeds)
@some
def test_reductions(name: str, how: tuple[tuple[int, ...], dict[str, Any]], seed: int) -> None:
    shape, attrs = how

    def theirs(x: Any) -> Any:
        return REDUCED[name](x, dims(x, attrs["axis"]), keepdim=attrs["keepdims"])

    torch_agrees(name, theirs, numbers(seed, shape), **attrs)


@given(reductions(), seeds, st.integers(0, 3))
@some
def test_products_with_zeros(
    how: tuple[tuple[int, ...], dict[str, Any]], seed: int, zeros: int
) -> None:
    """Torch's second derivative divides by the zeros; ours is compared with jax's below."""
    shape, attrs = how
    x = numbers(seed, shape)[0]
    x.ravel()[:zeros] = 0
    ours = Ours("prod", [x], **attrs)
    tensor = torch.tensor(x, requires_grad=True)
    out = product_over(tensor, dims(x, attrs["axis"]), attrs["keepdims"])
    close(ours.out, out.detach())
    (first,) = torch.autograd.grad((torch.tensor(ours.u) * out).sum(), [tensor])
    close(ours.first[0], first)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cumsum", "flip"])
@given(along_axis(), seeds)
@some
def test_ops_along_one_axis(name: str, how: tuple[tuple[int, ...], int], seed: int) -> None:
    shape, axis = how

    def theirs(x: Any) -> Any:
        return torch.flip(x, (axis,)) if name == "flip" else getattr(torch, name)(x, axis)

    torch_agrees(name, theirs, numbers(seed, shape), axis=axis)


@given(shapes(1, 3), shapes(0, 2), seeds)
@some
def test_take(shape: tuple[int, ...], labels: tuple[int, ...], seed: int) -> None:
    i = np.random.default_rng(seed).integers(shape[0], size=labels)
    torch_agrees("take", lambda x, i: x[i], numbers(seed, shape), [i])


@given(shapes(1, 3), seeds)
@some
def test_gather(shape: tuple[int, ...], seed: int) -> None:
    i = np.random.default_rng(seed).integers(shape[-1], size=shape[:-1])
    torch_agrees(
        "gather", lambda x, i: x.gather(-1, i[..., None])[..., 0], numbers(seed, shape), [i]
    )


@given(basic_indices(), seeds)
@some
def test_indexing(how: tuple[tuple[int, ...], tuple[Any, ...]], seed: int) -> None:
    shape, index = how
    at = tuple(slice(*k) if isinstance(k, tuple) else k for k in index)
    torch_agrees("getitem", lambda x: x[at], numbers(seed, shape), index=index)


@given(along_axis(), st.lists(sizes, min_size=2, max_size=4), seeds)
@some
def test_concat(how: tuple[tuple[int, ...], int], lengths: list[int], seed: int) -> None:
    shape, axis = how
    k = axis % len(shape)
    xs = numbers(seed, *[(*shape[:k], n, *shape[k + 1 :]) for n in lengths])
    torch_agrees("concat", lambda *ts: torch.cat(ts, axis), xs, axis=axis)


@given(shapes(0, 3), st.integers(2, 4), st.data())
@some
def test_stack(shape: tuple[int, ...], count: int, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    xs = numbers(data.draw(seeds), *[shape] * count)
    torch_agrees("stack", lambda *ts: torch.stack(ts, axis), xs, axis=axis)


@given(shapes(0, 4), st.data())
@some
def test_transpose_and_reshape(shape: tuple[int, ...], data: st.DataObject) -> None:
    xs = numbers(data.draw(seeds), shape)
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    torch_agrees("transpose", lambda x: x.permute(axes), xs, axes=axes)
    torch_agrees("transpose", lambda x: x.permute(tuple(range(x.ndim))[::-1]), xs, axes=None)
    shuffled = data.draw(st.permutations([*shape, 1]))
    shuffled[data.draw(st.integers(0, len(shape)))] = -1
    torch_agrees("reshape", lambda x: x.reshape(shuffled), xs, shape=tuple(shuffled))


@given(st.integers(1, 5), st.booleans(), seeds)
@some
def test_det_inv_and_solve(n: int, vector: bool, seed: int) -> None:
    a, b = numbers(seed, (n, n), (n,) if vector else (n, 2))
    a = a + 4 * np.eye(n)
    torch_agrees("det", torch.linalg.det, [a])
    torch_agrees("inv", torch.linalg.inv, [a])
    torch_agrees("solve", torch.linalg.solve, [a, b])


@given(windowings(), seeds)
@some
def test_unfold_and_fold(how: tuple[tuple[int, ...], dict[str, Any]], seed: int) -> None:
    """torch.nn.functional.unfold: (N, C·window, places)."""
    (n, c, *size), attrs = how
    window, stride, dilation = attrs["window"], attrs["stride"], attrs["dilation"]
    places = [
        (m - step * (k - 1) - 1) // s + 1
        for m, k, s, step in zip(size, window, stride, dilation, strict=True)
    ]

    def unfolded(x: Any) -> Any:
        columns = torch.nn.functional.unfold(x, window, dilation=dilation, stride=stride)
        return columns.reshape(n, c, *window, *places).permute(0, 1, 4, 5, 2, 3)

    def folded(g: Any) -> Any:
        columns = g.permute(0, 1, 4, 5, 2, 3).reshape(n, c * window[0] * window[1], -1)
        fold = torch.nn.functional.fold
        return fold(columns, tuple(size), window, dilation=dilation, stride=stride)

    torch_agrees("unfold", unfolded, numbers(seed, (n, c, *size)), **attrs)
    g = numbers(seed, (n, c, *places, *window))
    torch_agrees("fold", folded, g, size=tuple(size), **attrs)


ELEMENTWISE: dict[str, Function] = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "max": torch.maximum,
    "min": torch.minimum, "atan2": torch.atan2, "logsumexp": torch.logaddexp,
    "div": lambda x, y: x / (y * y + 1), "pow": lambda x, y: (x * x + 1) ** y,
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(broadcasting(), seeds)
@some
def test_broadcasting_of_two_operands(name: str, pair: list[tuple[int, ...]], seed: int) -> None:
    x, y = numbers(seed, *pair)
    # Away from the edges of their domains.
    if name == "div":
        y = y * y + 1
    if name == "pow":
        x = x * x + 1
    theirs = {"div": torch.div, "pow": torch.pow}.get(name, ELEMENTWISE[name])
    torch_agrees(name, theirs, [x, y])


@given(broadcasting(3), seeds)
@some
def test_broadcasting_of_a_program(three: list[tuple[int, ...]], seed: int) -> None:
    """Forks and broadcasting together: gradients add up over both."""
    import graphdiff as gd

    x, y, z = numbers(seed, *three)
    shaped = {name: v.shape for name, v in zip("xyz", (x, y, z), strict=True)}
    trace = gd.parse("sum(tanh(x*y + z)*x - sigmoid(z)*y)", shapes=shaped).backprop(x=x, y=y, z=z)
    tx, ty, tz = (torch.tensor(v, requires_grad=True) for v in (x, y, z))
    total = (torch.tanh(tx * ty + tz) * tx - torch.sigmoid(tz) * ty).sum()
    total.backward()
    for name, tensor in zip("xyz", (tx, ty, tz), strict=True):
        close(np.asarray(trace.gradients[name], dtype=float), tensor.grad)


@pytest.mark.parametrize("name", ["amax", "amin"])
@given(reductions(), seeds)
@some
def test_ties_share_evenly(
    name: str, how: tuple[tuple[int, ...], dict[str, Any]], seed: int
) -> None:
    shape, attrs = how
    x = np.random.default_rng(seed).integers(-1, 2, size=shape).astype(float)
    ours = Ours(name, [x], **attrs)
    tensor = torch.tensor(x, requires_grad=True)
    out = getattr(torch, name)(tensor, dims(x, attrs["axis"]), attrs["keepdims"])
    close(ours.out, out.detach())
    (first,) = torch.autograd.grad((torch.tensor(ours.u) * out).sum(), [tensor])
    close(ours.first[0], first)


# -- jax -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jax() -> Any:
    found = pytest.importorskip("jax")
    with found.enable_x64(True):
        yield found


def jax_agrees(
    jax: Any, name: str, function: Function, xs: Sequence[Any], fixed: Sequence[Any] = (),
    **attrs: Any,
) -> None:  # fmt: skip
    """``function`` is jax's, of the operands that are no labels."""
    ours = Ours(name, xs, fixed, **attrs)
    numpy = jax.numpy
    xs = [numpy.asarray(x) for x in xs]

    def first(*xs: Any) -> Any:
        out, pull = jax.vjp(function, *xs)
        return out, pull(numpy.asarray(ours.u))

    (out, firsts), tangents = jax.jvp(first, xs, [numpy.asarray(v) for v in ours.vs])
    close(ours.out, out)
    # The Hessian of Σ u·out is symmetric: its product with v, from either side.
    for mine, theirs in zip(ours.first + ours.second, [*firsts, *tangents[1]], strict=True):
        close(mine, theirs)


few = settings(max_examples=5)  # jax compiles every shape anew


@given(pair=products(), seed=seeds)
@few
def test_matmul_is_jaxs(jax: Any, pair: list[tuple[int, ...]], seed: int) -> None:
    jax_agrees(jax, "matmul", jax.numpy.matmul, numbers(seed, *pair))


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "prod", "lse"])
@given(how=reductions(), seed=seeds)
@few
def test_reductions_are_jaxs(
    jax: Any, name: str, how: tuple[tuple[int, ...], dict[str, Any]], seed: int
) -> None:
    shape, attrs = how
    function = jax.nn.logsumexp if name == "lse" else getattr(jax.numpy, name)
    x = numbers(seed, shape)[0]
    if name == "prod":
        x.ravel()[: seed % 3] = 0
    jax_agrees(jax, name, lambda x: function(x, **attrs), [x], **attrs)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cumsum"])
@given(how=along_axis(), seed=seeds)
@few
def test_ops_along_one_axis_are_jaxs(
    jax: Any, name: str, how: tuple[tuple[int, ...], int], seed: int
) -> None:
    shape, axis = how
    function = jax.numpy.cumsum if name == "cumsum" else getattr(jax.nn, name)
    theirs = lambda x: function(x, axis=axis)  # noqa: E731
    jax_agrees(jax, name, theirs, numbers(seed, shape), axis=axis)


@given(n=st.integers(1, 4), seed=seeds)
@few
def test_det_inv_and_solve_are_jaxs(jax: Any, n: int, seed: int) -> None:
    a, b = numbers(seed, (n, n), (n, 2))
    a = a + 4 * np.eye(n)
    for name, xs in (("det", [a]), ("inv", [a]), ("solve", [a, b])):
        jax_agrees(jax, name, getattr(jax.numpy.linalg, name), xs)


@given(how=basic_indices(), seed=seeds)
@few
def test_indexing_and_labels_are_jaxs(
    jax: Any, how: tuple[tuple[int, ...], tuple[Any, ...]], seed: int
) -> None:
    shape, index = how
    at = tuple(slice(*k) if isinstance(k, tuple) else k for k in index)
    xs = numbers(seed, shape)
    jax_agrees(jax, "getitem", lambda x: x[at], xs, index=index)
    labels = np.random.default_rng(seed).integers(shape[0], size=4)
    jax_agrees(jax, "take", lambda x: x[labels], xs, fixed=[labels])


@given(how=along_axis(), seed=seeds)
@few
def test_joining_and_turning_are_jaxs(
    jax: Any, how: tuple[tuple[int, ...], int], seed: int
) -> None:
    shape, axis = how
    xs, jnp = numbers(seed, shape, shape, shape), jax.numpy
    jax_agrees(jax, "concat", lambda *xs: jnp.concatenate(xs, axis), xs, axis=axis)
    jax_agrees(jax, "stack", lambda *xs: jnp.stack(xs, axis), xs, axis=axis)
    axes = (*range(1, len(shape)), 0)
    jax_agrees(jax, "transpose", lambda x: jnp.transpose(x, axes), xs[:1], axes=axes)
    jax_agrees(jax, "reshape", lambda x: x.reshape(-1, 1), xs[:1], shape=(-1, 1))
