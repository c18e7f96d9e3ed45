"""Whether two expressions of matrices are equal: ``(A B)^T`` and ``B^T A^T``.

Capital letters are matrices where something is written that only matrices have: a transpose, a
trace, a determinant, the inverse of a product.  Small letters are numbers or vectors, whichever
fits.  Both expressions become one program, whose shapes are those that fit both; then the one is
judged as an answer to the question what the other is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from graphdiff.core.ir.op import REQUIRED, elementwise
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.words import Message
from graphdiff.errors import GraphDiffError, ShapeMismatch
from graphdiff.homework.asked.problem import LIMITS
from graphdiff.homework.asked.shaped import value_problem
from graphdiff.homework.asked.verdict import Verdict
from graphdiff.language.handwriting import Term, Unreadable
from graphdiff.language.handwriting.matrices import Stranger, prepared, read_matrices
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.graph import parse

from .calculus import judge_matrices

__all__ = ["judge_identity"]

_FIRST, _SECOND = "first_side", "second_side"
_MOST_LETTERS, _MOST_SMALL = 12, 4
_SQUARE = (3, 3)
_INDEXED = re.compile(r"([^\W\d_])_\{?(\d+)\}?")
_OF_NUMBERS = re.compile(r"'|\^\s*\{?\s*t(?![A-Za-z])|=|[<>]")
"""Primes, powers that may be those of a number ``t``, and what is no expression."""
_SIGNS = {"add": "+", "sub": "-"}


class _Part(NamedTuple):
    """A formula in our language, and how its value lies."""

    text: str
    kind: str


class _NoFit(Exception):
    """A formula that has no value with these kinds of letters, or none that is known here."""


def judge_identity(
    first: object, second: object, variables: Sequence[str] | None, settings: Settings
) -> Verdict | None:
    """The verdict on two expressions of matrices; None where they may be expressions of numbers.

    >>> judge_identity("(A B)^T", "B^T A^T", None, Settings()).status
    'right'
    >>> judge_identity("(A B)^2", "B^2 A^2", None, Settings()) is None
    True
    """
    texts = (first, second)
    if not all(isinstance(text, str) and not _OF_NUMBERS.search(text) for text in texts):
        return None
    found = _trees([str(text) for text in texts], variables)
    if found is None:
        return None
    trees, letters = found
    if _is_identity(trees[1]):
        first, trees = second, trees[::-1]
    of_arrays = any(map(_needs_matrices, trees)) or _meets_its_inverse(trees)
    if not of_arrays or any(map(_turns_numbers, trees)):
        return None
    verdicts = list(_verdicts(str(first), trees, letters, settings))
    if verdicts and not any(verdicts):
        starred = [_entrywise(tree) for tree in trees]
        right = next(filter(None, _verdicts(str(first), starred, letters, settings)), None)
        if right is not None:
            reason = Message("reason.star")
            return replace(right, status="ambiguous", proved=False, reason=reason)
    if len({bool(verdict) for verdict in verdicts}) > 1:
        small = ", ".join(letter for letter in letters if _small(letter))
        reason = Message("reason.numbers_or_vectors", names=small)
        return replace(verdicts[0], status="ambiguous", proved=False, reason=reason, witness=None)
    if not verdicts and any(map(_turns_capitals, trees)):
        # Matrices for sure, but with shapes or signs that are not understood.
        return Verdict(status="undecided", reason=Message("reason.not_compared"))
    return verdicts[0] if verdicts else None


def _is_identity(tree: Term) -> bool:
    return tree.op == "identity"


def _meets_its_inverse(trees: Sequence[Term]) -> bool:
    """Whether it is ``I`` beside a product such as ``A A^{-1}``."""
    one, other = trees
    if not _is_identity(one):
        return False
    names = [term.value for term in _terms(other) if term.op == "name"]
    inverted = [t.operands[0].value for t in _terms(other) if _is_inverse(t)]
    return any(not _small(name) and names.count(name) > 1 for name in inverted)


def _is_inverse(term: Term) -> bool:
    if term.op != "power" or term.operands[0].op != "name":
        return False
    exponent = term.operands[1]
    return exponent.op == "neg" and exponent.operands[0].value == 1


def _entrywise(tree: Term) -> Term:
    """A formula whose ``*`` multiplies entries, as numpy's does."""
    operands = tuple(map(_entrywise, tree.operands))
    sign = "⊙" if (tree.op, tree.value) == ("product", "*") else tree.value
    return tree._replace(operands=operands, value=sign)


def _trees(
    texts: Sequence[str], variables: Sequence[str] | None
) -> tuple[list[Term], list[str]] | None:
    """Both expressions as they are read, and their letters; None where they cannot be."""
    letters = list(variables or ())
    letters += [f"{a}_{k}" for text in texts for a, k in _INDEXED.findall(text)]
    for _ in range(_MOST_LETTERS):
        try:
            trees = [read_matrices(prepared(text), letters) for text in texts]
        except Stranger as stranger:
            if variables is not None:
                return None
            letters.append(_letter(stranger))
        except Unreadable:
            return None
        else:
            used = {t.value for tree in trees for t in _terms(tree) if t.op == "name"}
            return None if "T" in letters else (trees, [n for n in letters if n in used])
    return None


def _letter(stranger: Stranger) -> str:
    """The first of the letters side by side that nobody declared."""
    reason = stranger.reason
    assert isinstance(reason, Message)
    return str(reason.fields["names"][0][0])


def _terms(tree: Term) -> Iterator[Term]:
    yield tree
    for operand in tree.operands:
        yield from _terms(operand)


def _small(letter: object) -> bool:
    return not str(letter)[0].isupper()


def _needs_matrices(tree: Term) -> bool:
    """Whether something in it is only written of vectors and matrices."""
    return any(
        term.op == "turned" or _takes_arrays(term) or _inverts_product(term)
        for term in _terms(tree)
    )


def _takes_arrays(term: Term) -> bool:
    """Whether it is a function of a whole vector or matrix: ``tr(A)``, ``softmax(x)``."""
    row = STANDARD.get(term.value) if term.op == "call" and isinstance(term.value, str) else None
    return (
        row is not None
        and row.shape is not elementwise  # round(x) is one of numbers, though made of other ops
        and not row.selects
        and len(term.operands) == 1
    )


def _inverts_product(term: Term) -> bool:
    """``(AB)^{-1}``, of capital letters without a sign."""
    if term.op != "power" or term.operands[0].op != "product":
        return False
    base, exponent = term.operands
    names = [t for t in _terms(base) if t.op == "name"]
    signs = {t.value for t in _terms(base) if t.op == "product"}
    plain = all(t.op in ("name", "product") for t in _terms(base))
    inverse = exponent.op == "neg" and exponent.operands[0].value == 1
    return inverse and plain and signs == {""} and not any(_small(t.value) for t in names)


def _turns_capitals(tree: Term) -> bool:
    """Whether a transpose stands at a capital letter, or at what has one in it."""
    return any(
        term.op == "turned" and any(t.op == "name" and not _small(t.value) for t in _terms(term))
        for term in _terms(tree)
    )


def _turns_numbers(tree: Term) -> bool:
    """Whether the ``T`` of a transpose is the exponent of a number: ``e^T``, ``2^T``."""
    return any(
        term.op == "turned" and not any(t.op == "name" for t in _terms(term))
        for term in _terms(tree)
    )


def _verdicts(
    first: str, trees: Sequence[Term], letters: Sequence[str], settings: Settings
) -> Iterator[Verdict]:
    """The verdict for each way to take small letters as numbers or vectors that fits."""
    turned = {
        t.operands[0].value for tree in trees for t in _terms(tree)
        if t.op == "turned" and t.operands[0].op == "name"
    }  # fmt: skip
    small = [letter for letter in letters if _small(letter)]
    if len(small) > _MOST_SMALL:
        return
    ways = [("column",) if letter in turned else ("number", "column") for letter in small]
    for chosen in product(*ways):
        kinds = dict.fromkeys(letters, "matrix") | dict(zip(small, chosen, strict=True))
        if not any(kind != "number" for kind in kinds.values()):
            continue
        try:
            other = _bracketed(trees[1], kinds)
            one = other if _is_identity(trees[0]) else _bracketed(trees[0], kinds)
            yield _judged(first, (one, other), kinds, settings)
        except _NoFit:
            continue


def _judged(
    first: str, sides: Sequence[_Part], kinds: Mapping[str, str], settings: Settings
) -> Verdict:
    """The verdict for one kind of each letter.  Raises _NoFit."""
    one, other = sides
    alike = one.kind == other.kind
    gap = f"sum({_FIRST} - {_SECOND})" if alike else f"sum({_FIRST}) - sum({_SECOND})"
    program = f"{_FIRST} = {one.text}; {_SECOND} = {other.text}; {gap}"
    numbers: dict[str, tuple[int, ...]] = {
        name: () for name, kind in kinds.items() if kind == "number"
    }
    try:
        graph = parse(program, shapes=numbers or None, limits=LIMITS)
    except ShapeMismatch as error:
        raise _NoFit from error
    ranks = {"number": 0, "column": 1, "matrix": 2}
    if any(len(graph.shapes.get(n, ())) != ranks[kind] for n, kind in kinds.items()):
        raise _NoFit
    if not alike:
        reason = Message("reason.shape", given=_shape(one.kind), due=_shape(other.kind))
        return Verdict(status="wrong", proved=True, reason=reason, reading=first)
    problem = value_problem(graph, _SECOND, replace(settings, form="any"))
    return judge_matrices(problem, first, diagnose=False)


def _shape(kind: str) -> str:
    return {"column": "n×1", "row": "1×n", "matrix": "m×n"}.get(kind, Message("reason.a_number"))


# -- in our language -----------------------------------------------------------------------------


def _written(tree: Term, kinds: Mapping[str, str]) -> _Part:
    """A formula in our language.  Raises _NoFit."""
    parts = [_bracketed(operand, kinds) for operand in tree.operands]
    if tree.op == "name":
        return _Part(tree.value, kinds[tree.value])
    if tree.op == "number":
        return _Part(f"({tree.value})", "number")
    if tree.op == "neg":
        return _Part(f"(-{parts[0].text})", parts[0].kind)
    if tree.op == "turned":
        turned = {"column": "row", "row": "column"}.get(parts[0].kind, parts[0].kind)
        return _Part(f"({parts[0].text}).T" if turned == "matrix" else parts[0].text, turned)
    if tree.op in _SIGNS:
        return _sum(_SIGNS[tree.op], *parts)
    if tree.op == "product":
        return _product(tree.value, *parts)
    if tree.op == "quotient" and parts[1].kind == "number":
        return _Part(f"({parts[0].text}/{parts[1].text})", parts[0].kind)
    if tree.op == "power":
        return _power(tree, parts)
    if tree.op == "length":
        return _Part(f"norm({parts[0].text})", "number")
    if tree.op == "bars":
        return _bars(parts[0])
    if tree.op == "call":
        return _call(tree.value, parts)
    raise _NoFit


def _bracketed(tree: Term, kinds: Mapping[str, str]) -> _Part:
    """A formula with the first brackets that fit.  Raises _NoFit."""
    for way in tree.operands if tree.op == "either" else (tree,):
        try:
            return _written(way, kinds)
        except _NoFit:
            continue
    raise _NoFit


def _sum(sign: str, a: _Part, b: _Part) -> _Part:
    kinds = {a.kind, b.kind}
    if len(kinds) > 1 and kinds != {"number", "column"}:
        raise _NoFit
    return _Part(f"({a.text} {sign} {b.text})", b.kind if a.kind == "number" else a.kind)


def _product(sign: str, a: _Part, b: _Part) -> _Part:
    """A product by how its factors lie."""
    for one, other in ((a, b), (b, a)):
        if one.kind == "number":
            return _Part(f"({a.text}*{b.text})", other.kind)
    if sign == "⊙":
        if a.kind != b.kind:
            raise _NoFit
        return _Part(f"({a.text}*{b.text})", a.kind)
    if (a.kind, b.kind) == ("column", "row"):
        return _Part(f"outer({a.text}, {b.text})", "matrix")
    made = {
        ("row", "column"): "number", ("row", "matrix"): "row", ("matrix", "column"): "column",
        ("matrix", "matrix"): "matrix",
    }.get((a.kind, b.kind))  # fmt: skip
    if made is None:
        raise _NoFit
    return _Part(f"({a.text} @ {b.text})", made)


def _power(tree: Term, parts: Sequence[_Part]) -> _Part:
    """A power of a number or of entries of a vector, or a whole one of a matrix."""
    base, exponent = parts
    if base.kind in ("number", "column") and exponent.kind == "number":
        return _Part(f"({base.text}^{exponent.text})", base.kind)
    below = tree.operands[1]
    negative = below.op == "neg"
    below = below.operands[0] if negative else below
    if base.kind != "matrix" or below.op != "number" or below.value not in range(1, 9):
        raise _NoFit
    text = f"inv({base.text})" if negative else base.text
    return _Part(f"({' @ '.join([text] * int(below.value))})", "matrix")


def _bars(a: _Part) -> _Part:
    """A determinant or a size, by what stands between the bars."""
    if a.kind not in ("matrix", "number"):
        raise _NoFit
    return _Part(f"det({a.text})" if a.kind == "matrix" else f"|{a.text}|", "number")


def _call(name: object, parts: Sequence[_Part]) -> _Part:
    """A function of entries, or of one matrix or vector."""
    row = STANDARD.get(name) if isinstance(name, str) else None
    if row is None or len(parts) != 1 or len(row.params) != 1 or row.selects:
        raise _NoFit
    (part,) = parts
    text = f"{row.name}({part.text})"
    if row.elementwise:
        return _Part(text, part.kind)
    if part.kind not in ("matrix", "column"):
        raise _NoFit
    try:
        given = {name: value for name, value in row.attrs.items() if value is not REQUIRED}
        rank = len(row.shape(_SQUARE if part.kind == "matrix" else _SQUARE[:1], **given))
    except GraphDiffError as error:
        raise _NoFit from error
    return _Part(text, ("number", "column", "matrix")[rank])
