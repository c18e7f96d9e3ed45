"""Words: functions, Greek letters, constants, and which names a problem declares."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal, NamedTuple

from graphdiff.core.ops import SCALARS, STANDARD, TABLE
from graphdiff.core.ops import names as names_of

__all__ = [
    "COMMON",
    "FOREIGN",
    "FUNCTIONS",
    "GREEK",
    "INVERSES",
    "NO_VALUES",
    "SELECTING",
    "Function",
    "Piece",
    "Words",
    "selects",
    "words_for",
    "words_in",
]


class Function(NamedTuple):
    """A function that a text may call."""

    op: str
    """A row of the op table; or ``log?`` (which base?), ``root``, ``factorial``."""
    least: int = 1
    most: int = 1


def selects(op: str) -> bool:
    """Whether an op takes a comparison first, and one of two branches by it."""
    return op in STANDARD and STANDARD[op].selects


SELECTING = next(row.name for row in SCALARS if row.selects)
"""The op that takes one of two values by a comparison."""


class Piece(NamedTuple):
    """A part of a run of letters."""

    kind: Literal["name", "constant", "function"]
    value: str
    start: int
    end: int
    known: bool = True
    """Whether a name is declared."""


_NO_CALL = {"add", "sub", "mul", "div", "neg"}
_OTHER_NAMES = {
    "sin": ("sen",), "tan": ("tg",), "cot": ("ctg", "cotan", "cotg"), "coth": ("cotanh",),
    "csc": ("cosec",), "csch": ("cosech",), "asin": ("arsin",), "atan": ("arctg", "atg"),
    "acot": ("arccotan", "acotan", "arcctg"), "acsc": ("arccosec", "acosec"),
    "log": ("ln",), "log10": ("lg",), "abs": ("Abs",), "sign": ("signum", "sgn"),
    "sqrt": ("Sqrt",), "log2": ("ld",),
}  # fmt: skip


def _table() -> dict[str, Function]:
    table: dict[str, Function] = {}
    for row in TABLE:
        if not row.of_numbers or row.condition or row.name in _NO_CALL:
            continue
        most = 1000 if row.variadic else len(row.params)
        least = 2 if row.variadic else most - len(row.defaults)
        names = (row.name, *row.aliases, *_OTHER_NAMES.get(row.name, ()))
        table |= dict.fromkeys(names, Function(row.name, least, most))
    table["log"] = Function("log?", 1, 2)
    table["ln"] = Function("log", 1, 1)
    table |= dict.fromkeys(("root", "nthroot", "surd"), Function("root", 2, 2))
    table |= dict.fromkeys(("factorial", "fact"), Function("factorial"))
    return table


FUNCTIONS: dict[str, Function] = _table()
"""Every function name with its op and how many arguments it takes."""

FOREIGN = frozenset(name for name in names_of(STANDARD) if len(name) > 1) - FUNCTIONS.keys()
"""Functions of programs that texts cannot call; no call of one is a product of its letters."""

INVERSES = {
    name: "a" + name
    for stem in ("sin", "cos", "tan", "sec", "csc", "cot")
    for name in (stem, {"sec": "sech", "csc": "csch"}.get(stem, stem + "h"))
}
"""Functions whose power −1 is commonly the inverse."""

_ROOTS_AND_LOGS = {"log", "log?", "log10", "log2", "exp", "sqrt", "cbrt", "abs", "sign"}
_FREE = {*INVERSES, *INVERSES.values(), *_ROOTS_AND_LOGS, "erf"}
COMMON: dict[str, Function] = {
    name: f for name, f in FUNCTIONS.items() if f.op in _FREE and name.isalpha()
}
"""Functions that may stand without brackets, and inside a run of letters (``2xcosx``)."""

GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        re.findall(
            r"\w+",
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi "
            "rho sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon "
            "Phi Psi Omega",
        ),
        strict=True,
    )
)
_CONSTANTS = {"pi": "pi", "π": "pi", "PI": "pi", "e": "e"}
_LOOKAHEAD, _LONGEST = 24, 64
_REMEMBERED = 512
_SHORTEST_WORD = 5
"""With no names declared, so many letters that are no function are one name."""

NO_VALUES = frozenset(
    ("nan", "inf", "infinity", "infty", "undefined", "true", "false", "none", "null", "dne")
)


def _squeezed(name: str) -> str:
    """The spelling without what people leave out: w_{11}, w_11 and w11 are alike."""
    for letter, word in GREEK.items():
        if letter in name:
            name = name.replace(letter, word)
    return re.sub(r"[_{}\\ ]", "", name)


class Words:
    """The words that one problem's texts may use.  Splits runs of letters; remembers some."""

    def __init__(self, names: Collection[str] | None) -> None:
        self.open = names is None
        """Whether any letter is a variable."""
        self.declared = dict.fromkeys(names or ())
        self.squeezed: dict[str, str] = {}
        clashes = set()
        for name in self.declared:
            short = _squeezed(name)
            if short in self.squeezed:
                clashes.add(short)
            self.squeezed[short] = name
        for short in clashes:  # w_1 and w1 are two variables here: only the exact spelling counts
            del self.squeezed[short]
        self.table = self._table()
        self._splits: dict[str, tuple[Piece, ...] | None] = {}

    def _table(self) -> dict[str, tuple[str, str, bool]]:
        table: dict[str, tuple[str, str, bool]] = {}
        for name in COMMON:
            table[name] = ("function", name, True)
            for loud in (name.capitalize(), name.upper()):
                table.setdefault(loud, ("function", name, True))
        for letter, word in GREEK.items():
            table[word] = table[letter] = ("name", word, self.open)
        for variant, word in (("varepsilon", "epsilon"), ("vartheta", "theta"), ("varphi", "phi")):
            table[variant] = ("name", word, self.open)
        table |= {name: ("constant", value, True) for name, value in _CONSTANTS.items()}
        for short, name in self.squeezed.items():
            if short.isalpha():
                table[short] = ("name", name, True)
                for letter, word in GREEK.items():
                    if short == word:
                        table[letter] = ("name", name, True)
        table |= {name: ("name", name, True) for name in self.declared if name.isalpha()}
        return table

    def find(self, name: str) -> str | None:
        """The declared name that is spelled like this, in any of the usual spellings."""
        if name in self.declared:
            return name
        return self.squeezed.get(_squeezed(name))

    def split(self, run: str, called: bool) -> tuple[Piece, ...] | None:
        """The parts of a run of letters; None where it is no product of what is known.

        >>> [p.value for p in Words(["x"]).split("xcosx", False)]
        ['x', 'cos', 'x']
        >>> Words(["x"]).split("idk", False)
        """
        key = run + "(" if called else run
        if key in self._splits:
            return self._splits[key]
        found = self._split(run, called)
        if len(run) <= _LONGEST:
            if len(self._splits) >= _REMEMBERED:  # a whole class's answers: memory stays flat
                self._splits.clear()
            self._splits[key] = found
        return found

    def _split(self, run: str, called: bool) -> tuple[Piece, ...] | None:
        if run in self.declared:
            return (Piece("name", run, 0, len(run)),)
        whole = self._word(run, called)
        if whole is not None:
            return (Piece(whole[0], whole[1], 0, len(run), whole[2]),)  # type: ignore[arg-type]
        if len(run) > _LONGEST:
            return None
        return self._cheapest(run, called)

    def _word(self, word: str, called: bool) -> tuple[str, str, bool] | None:
        found = self.table.get(word)
        if called and word in FUNCTIONS and (found is None or found[1] not in self.declared):
            return ("function", word, True)
        return found

    def _cheapest(self, run: str, called: bool) -> tuple[Piece, ...] | None:
        """The split into fewest pieces, declared names first: a table over the places."""
        n = len(run)
        costs: list[int | None] = [None] * n + [0]
        chosen: list[tuple[int, str, str, bool]] = [(0, "", "", True)] * n
        for i in range(n - 1, -1, -1):
            for j in range(min(n, i + _LOOKAHEAD), i, -1):
                rest = costs[j]
                if rest is None:
                    continue
                word = self._word(run[i:j], called and j == n)
                if word is None and self.open and j == i + 1:
                    word = ("name", run[i:j], True)
                if word is None:
                    continue
                cost = rest + (2 if word[2] else 3)
                best = costs[i]
                if best is None or cost < best:
                    costs[i], chosen[i] = cost, (j, *word)
        if costs[0] is None:
            return None
        pieces, i = [], 0
        while i < n:
            j, kind, value, known = chosen[i]
            pieces.append(Piece(kind, value, i, j, known))  # type: ignore[arg-type]
            i = j
        if self.open and _wordy(pieces):
            return (Piece("name", run, 0, n),)
        return tuple(pieces)


def _wordy(pieces: list[Piece]) -> bool:
    """Whether single letters stand side by side as in a word."""
    row = 0
    for piece in pieces:
        row = row + 1 if piece.kind == "name" and len(piece.value) == 1 else 0
        if row >= _SHORTEST_WORD:
            return True
    return False


_RUNS = re.compile(r"(?<![\\_{A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9_])|[가-힣]+")
"""Letters side by side, without those of commands and indices."""


def words_in(text: str, known: Collection[str]) -> list[str]:
    """Words of a language in a text where any letter may be a variable; empty if there is no
    reason to see any.

    >>> words_in("see attached", ()), words_in("xy sin(ab) + theta", ()), words_in("rate", ["rate"])
    (['see', 'attached'], [], [])
    """
    words = words_for(None)
    found = []
    for run in _RUNS.findall(text):
        pieces = words.split(run, run in FUNCTIONS) or ()
        plain = all(p.kind != "function" and p.end - p.start in (1, len(run)) for p in pieces)
        called = len(run) >= _SHORTEST_WORD and f"{run}(" in text
        strange = called or (run not in known and not set(known) & {*run})
        if plain and strange and run not in words.table:
            found.append(run)
    long = [
        run for run in found
        if len(run) >= _SHORTEST_WORD or not run.isascii() or (len(run) > 2 and f"{run}(" in text)
    ]  # fmt: skip
    return found if long or (len(found) > 1 and max(map(len, found)) > 2) else []


@lru_cache(maxsize=64)
def words_for(names: tuple[str, ...] | None) -> Words:
    """The words of a problem, kept for its next answer."""
    return Words(names)
