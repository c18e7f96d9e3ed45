"""Keys of expressions: equal keys are equal expressions."""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b

from graphdiff.core.ir.tape import Tape

from .field import Element
from .kernels import Kernel, Workspace
from .limits import DEFAULT, NoProof, Nowhere, ProofLimits
from .polynomials import Polynomial, fraction
from .proof import single_form

__all__ = ["canonical"]


def canonical(
    tape: Tape, node: int, *, odd_roots: bool = True, limits: ProofLimits = DEFAULT
) -> str | None:
    """A key of the node's normal form, or None if it has none that holds everywhere.

    Nodes of different tapes with the same key are equal at every real point where both are
    defined; equal nodes mostly, but not always, have the same key.

    >>> import graphdiff as gd
    >>> a, b = gd.parse("1 - cos(x)^2"), gd.parse("sin(x)*sin(x)")
    >>> canonical(a.tape, a.output) == canonical(b.tape, b.output) != None
    True
    """
    try:
        form = single_form(tape, node, odd_roots, limits)
    except (NoProof, Nowhere):
        return None
    return None if form is None else _Names(form[0]).element(form[1])


class _Names:
    """Names of kernels that say what they are, not which number they have."""

    def __init__(self, work: Workspace) -> None:
        self.names: dict[int, str] = {}
        # A kernel's operands have lower numbers than itself.
        for k in sorted(work.kernels):
            self.names[k] = self._kernel(work.kernels[k])

    def _kernel(self, kernel: Kernel) -> str:
        elements = [kernel.argument, kernel.atom and kernel.atom.value, *kernel.operands]
        parts = [self.element(e) if e is not None else "" for e in elements]
        return _digest(kernel.kind.name, kernel.label, str(kernel.order), *parts)

    def element(self, u: Element) -> str:
        """The key of an element: its terms in the order of their names."""
        num, den = self._terms(u.num), self._terms(u.den)
        lead = den[min(den)]
        rows = [f"{name} {c / lead}" for terms in (num, den) for name, c in sorted(terms.items())]
        return _digest(str(len(num)), *rows)

    def _terms(self, p: Polynomial) -> dict[str, Fraction]:
        return {
            " ".join(sorted([f"{self.names[k]}^{n}" for k, n in enumerate(monomial) if n])): (
                fraction(c)
            )
            for monomial, c in zip(p.monoms(), p.coeffs(), strict=True)
        }


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
