"""Points: values for the variables, each a constant expression that any domain can read."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from graphdiff.core.domains.array import FloatArrays, all_finite, lifted
from graphdiff.core.domains.base import Domain
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.shape import Dim, Shape, show_shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import in_force
from graphdiff.core.support.loading import csv_rows, decoded, read_bytes, read_json, read_toml
from graphdiff.core.sweeps.forward import Undefined, forward, located
from graphdiff.errors import (
    BadPoint,
    GraphDiffError,
    LimitExceeded,
    ParseError,
    ShapeMismatch,
)
from graphdiff.language.notation.printer import Printer

from .infix import closest, parse_program
from .unknown import no_variable

__all__ = [
    "Constant", "Point", "check_upstream", "names_of", "point_of", "read_all", "read_point",
    "read_upstream", "read_value", "substituted",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constant:
    """A number as the user wrote it: exact, or an expression such as ``pi/4``."""

    tape: Tape
    node: int
    source: str = ""

    @property
    def text(self) -> str:
        """The number in our language."""
        return Printer(self.tape).show(self.node)

    def read(self, domain: Domain) -> Any:
        """The number in a domain.  Raises DomainError (``x=log(-1)``)."""
        return read_all({"": self}, domain)[""]

    @property
    def shape(self) -> Shape:
        """The shape of the value; () for a number."""
        return self.tape.nodes[self.node].shape


@dataclass(frozen=True, slots=True, eq=False)
class Stored(Constant):
    """An array given as one: a read-only view of the caller's doubles, or exact numbers."""

    entries: Any = None

    @property
    def shape(self) -> Shape:
        """The shape of the value."""
        return tuple(self.entries.shape)

    @property
    def finite(self) -> bool:
        """Whether its doubles were looked at, and none is NaN or infinite."""
        return bool(self.entries.size <= _LARGE and self.entries.dtype != object)

    @property
    def text(self) -> str:
        """The array in our language where it is short, else its shape."""
        if self.entries.size > 100:
            return f"<{show_shape(self.shape)} array>"
        return str(self.entries.tolist()).replace("Fraction", "")

    def read(self, domain: Domain) -> Any:
        """The array in a domain of arrays; a double that is a whole number is exact."""
        arrays = lifted(domain)
        if not domain.exact or self.entries.dtype == object:
            return arrays.array(self.entries)
        return arrays.each(lambda v: domain.number(int(v) if v == int(v) else v), self.entries)


Point = Mapping[str, Constant]


def read_all(point: Point, domain: Domain) -> dict[str, Any]:
    """Every value of a point in a domain; constants of one tape share one sweep.

    Raises DomainError.
    """
    swept: dict[int, dict[int, Any]] = {}
    values: dict[str, Any] = {}
    for name, constant in point.items():
        tape = constant.tape
        if isinstance(constant, Stored):
            values[name] = constant.read(domain)
            continue
        if id(tape) not in swept:
            arrays = _has_arrays(tape)
            swept[id(tape)] = forward(
                tape, range(len(tape.nodes)), {}, lifted(domain) if arrays else domain
            )
        value = values[name] = swept[id(tape)][constant.node]
        if isinstance(value, Undefined):
            raise located(value, tape, constant.source)
    return values


def _has_arrays(tape: Tape) -> bool:
    """Whether any value is more than a number, or an op has settings, as those of arrays do."""
    nodes, ops = tape.nodes, tape.ops
    return any(n.shape or (n.operands and not ops[n.op].elementwise) for n in nodes)


def substituted(tape: Tape, node: int, point: Point) -> Constant:
    """What a node of a program is at a point: an expression of constants, exact where these are.

    An array that was given as one has numbers as its entries; a large one is computed in doubles.
    """
    order = tape.needed_for([node])
    inputs = [i for i in order if tape.nodes[i].op == "input"]
    given = {tape.nodes[i].attr: point[tape.nodes[i].attr] for i in inputs}
    if any(isinstance(c, Stored) and c.entries.size > _WRITTEN for c in given.values()):
        domain = FloatArrays()
        value = forward(tape, order, read_all(given, domain), domain)[node]
        if isinstance(value, Undefined):
            raise located(value, tape, "")
        return stored("", value) if tape.nodes[node].shape else read_value("", float(value))
    new = Tape(tape.ops, tape.limits)
    written = {i: written_into(new, given[tape.nodes[i].attr]) for i in inputs}
    moved = tape.rewritten(order, new.make, written)
    if not _has_arrays(new):
        exact = forward(new, range(len(new.nodes)), {}, RATIONAL)[moved[node]]
        if isinstance(exact, int | Fraction):
            return read_value("", exact)
    return Constant(new, moved[node])


_WRITTEN = 4_096
"""Entries of an array up to which it is written out in numbers."""


def written_into(tape: Tape, constant: Constant) -> int:
    """A constant as a node of another tape."""
    if not isinstance(constant, Stored):
        source = constant.tape
        return source.rewritten(source.needed_for([constant.node]), tape.make)[constant.node]
    flat = [
        read_value("", x.item() if hasattr(x, "item") else x).tape.nodes[0].attr
        for x in constant.entries.ravel()
    ]
    row = tape.make("stack", tuple([tape.make("const", (), x) for x in flat]), (("axis", 0),))
    shape = constant.shape
    return row if len(shape) == 1 else tape.make("reshape", (row,), (("shape", shape),))


def read_value(name: str, value: Any, tape: Tape | None = None) -> Constant:
    """A value of the Python API: an int, a float, a Fraction, or a constant expression as text.

    ``tape`` is where a number is kept; by default a tape of its own.
    """
    if isinstance(value, Constant):
        return value
    if isinstance(value, str):
        return _single(name, value)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = _plain(name, value)
    if isinstance(value, list | tuple) or hasattr(value, "__array__"):
        return stored(name, value)
    if not isinstance(value, int | float | Fraction):  # True and False are 1 and 0, as in masks
        raise BadPoint(
            f"the value of {name} is {type(value).__name__}, not a number",
            hint='a value is a number, a list of them, or a constant as text: 2, [1, 2], "pi/4"',
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise BadPoint(f"the value of {name} is {value}", hint="use a finite number")
    # A float that is an integer is exact; any other float is the binary number that it is.
    exact = int(value) if value == int(value) else value
    tape = Tape({}) if tape is None else tape
    return Constant(tape, tape.make("const", (), exact))


def read_upstream(value: Any) -> Constant:
    """A gradient from above: an array, a number for every entry, or ``ones``.

    Raises BadPoint and ParseError.

    >>> read_upstream("ones").text, read_upstream("[1, 0, -2]").shape
    ('1', (3,))
    """
    ones = isinstance(value, str) and value.strip() == "ones"
    return read_value("upstream", 1 if ones else value)


def check_upstream(given: Shape, output: Shape) -> None:
    """Check that a gradient from above fits the output; sizes that are only names fit all.

    Raises ShapeMismatch.
    """
    pairs = zip(given, output, strict=False)
    fits = len(given) == len(output) and all(a == b or isinstance(b, Dim) for a, b in pairs)
    if given and not fits:
        raise ShapeMismatch(
            f"the gradient from above has shape {show_shape(given)}, and the output "
            f"{show_shape(output) if output else 'is a number'}",
            hint="it has the shape of the output (see --shape), or is one number for all entries",
        )


def stored(name: str, value: Any) -> Constant:
    """An array: a numpy array (kept as a view, not copied), or nested lists of numbers and text.

    Raises BadPoint for ragged lists, empty arrays, NaN and infinity.
    """
    if isinstance(value, list | tuple):
        if _has_text(value):
            return _single(name, _written(value))
        value = _nested(name, value)
    import numpy

    if numpy.ma.is_masked(value):
        raise BadPoint(f"the value of {name} has entries that are masked", hint="fill them first")
    array = numpy.asarray(value)
    if array.dtype == object:
        entries = array
    elif array.dtype.kind == "f" and array.dtype.itemsize > _DOUBLE:
        refuse_infinities(name, array)
        entries = numpy.empty(array.shape, dtype=object)
        entries.ravel()[:] = [Fraction(*x.as_integer_ratio()) for x in array.ravel()]
    elif array.dtype.kind in "fiub":
        entries = array.astype(float) if array.dtype.kind != "f" else array.view()
    else:
        raise BadPoint(f"the value of {name} is an array of {array.dtype}, not of numbers")
    if not array.size:
        raise BadPoint(f"the value of {name} is an empty array (shape {array.shape})")
    if array.size > in_force().elements:
        raise LimitExceeded(f"the value of {name} has {array.size:,} entries", limit="elements")
    if entries.size <= _LARGE:
        refuse_infinities(name, entries)
    entries.flags.writeable = False
    return Stored(Tape({}), -1, "", entries)


_DOUBLE = 8
"""Bytes of a double; numbers of more are kept as exact fractions."""


def _plain(name: str, scalar: Any) -> Any:
    """A numpy scalar as a number of Python's, or as it is if there is none.  Raises BadPoint."""
    import numpy

    value = scalar.item()
    if not isinstance(value, numpy.longdouble):
        return value
    if not numpy.isfinite(value):
        raise BadPoint(f"the value of {name} is {value}", hint="use a finite number")
    return Fraction(*value.as_integer_ratio())


def refuse_infinities(name: str, entries: Any) -> None:
    """Raise BadPoint for NaN or infinity in an array of doubles."""
    import numpy

    if entries.dtype != object and not all_finite(entries):  # fractions are finite
        place = tuple(int(k) for k in numpy.argwhere(~numpy.isfinite(entries))[0])
        message = f"the value of {name} is {entries[place]} at {list(place)}"
        raise BadPoint(message, hint="use finite numbers")


_LARGE = 1 << 16
"""Entries past which NaN and infinity in an array are looked for only when a result is missing."""


_DEEP = 32
"""Axes of an array; NumPy allows 64, before 2.0 half of them."""


def _has_text(value: Any) -> bool:
    return any(_has_text(v) if isinstance(v, list | tuple) else isinstance(v, str) for v in value)


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(v) for v in value) + "]"
    return value if isinstance(value, str) else str(value)


def _nested(name: str, value: Any) -> Any:
    """Nested lists as an array of exact numbers and floats."""
    import numpy

    shape = []
    layer = value
    while isinstance(layer, list | tuple):
        shape.append(len(layer))
        if not layer:
            raise BadPoint(f"the value of {name} holds an empty list")
        layer = layer[0]
        if len(shape) > _DEEP:
            raise BadPoint(f"the value of {name} has more than {_DEEP} levels of brackets")
    flat: list[Any] = [value]
    for depth, n in enumerate([*shape, 0]):
        lists = sum(isinstance(v, list | tuple) for v in flat)
        if (lists and not n) or (n and any(lists < len(flat) or len(v) != n for v in flat)):
            hint = "all rows have the same length"
            raise BadPoint(f"the value of {name} is a ragged list (level {depth + 1})", hint=hint)
        flat = [v for part in flat for v in part] if n else flat
    out = numpy.empty(shape, dtype=object)
    tape = Tape({})
    out.ravel()[:] = [tape.nodes[read_value(name, v, tape).node].attr for v in flat]
    return out


def _single(name: str, text: str) -> Constant:
    program = parse_program(text)
    if program.inputs:
        unknown = next(iter(program.inputs))
        raise BadPoint(
            f"the value of {name} contains the variable {unknown}",
            source=text, span=program.tape.spans.get(program.inputs[unknown]),
            hint="a value is a constant: 2, 1/3, pi/4",
        )  # fmt: skip
    return Constant(program.tape, program.output, text)


def point_of(
    at: Mapping[str, Any] | str | None = None, values: Mapping[str, Any] | None = None,
    names: Collection[str] = (), settings: Iterable[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A point of a library function, however it is said: ``at={"x": 1}``, ``at="x=1"`` (also
    ``"@file.json"``), and values as keywords, ``x=1``.

    A keyword that is none of ``names``, and nearly one of the function's ``settings``, is a slip.

    Raises BadPoint.

    >>> {name: read_value(name, value).text for name, value in point_of("x=1/2", {"y": 2}).items()}
    {'x': '1/2', 'y': '2'}
    """
    if isinstance(at, str):
        point: dict[str, Any] = dict(read_point([at])) if at.strip() else {}
    elif isinstance(at, Mapping):
        point = dict(at)
    elif at is None:
        point = {}
    else:
        raise BadPoint(f"a point is no {type(at).__name__}", hint=_SPELLINGS)
    for name in point:
        if not isinstance(name, str):
            raise BadPoint(f"a variable of the point is {name!r}, no name", hint=_SPELLINGS)
    for name in values or ():
        meant = closest(name, dict.fromkeys(settings or ())) if names and name not in names else ""
        if meant:
            message = f"{name} is no variable of the expression, and no setting"
            raise BadPoint(message, hint=meant)
    twice = next((name for name in values or () if name in point), None)
    if twice is not None:
        raise BadPoint(f"{twice} has two values", hint="give each variable one value")
    point |= values or {}
    # ŷ may be typed as two characters.
    return {unicodedata.normalize("NFC", name): value for name, value in point.items()}


def names_of(wrt: Sequence[str] | str | None) -> list[str] | None:
    """Names of variables, said as ``["x", "y"]`` or ``"x,y"``.

    >>> names_of("x, y"), names_of(["x"]), names_of(None)
    (['x', 'y'], ['x'], None)
    """
    if wrt is None:
        return None
    return [name.strip() for name in wrt.split(",")] if isinstance(wrt, str) else list(wrt)


_SPELLINGS = 'a point reads x=1, at={"x": 1} or at="x=1"'


def read_point(items: Iterable[str]) -> dict[str, Constant]:
    """Read ``--at`` options: ``x=-2,y=5`` or ``@file`` (.json, .toml, .csv).

    Raises BadPoint or ParseError.
    """
    point: dict[str, Constant] = {}
    for item in items:
        pairs = _file(Path(item[1:])) if item.startswith("@") else _assignments(item)
        for name, constant in pairs.items():
            if name in point:
                raise BadPoint(f"{name} has two values", hint="give each variable one value")
            point[name] = constant
    return point


_EXAMPLE = "a point reads x=-2,y=5,z=-4"
_NUMBER = r"[-−+]?[0-9]+(?:\.[0-9]*)?"
_LISTED = re.compile(
    rf"([^\W\d]\w*'*)\s*=\s*({_NUMBER})\s*,\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)(?=\s*(?:[,;]|$))"
)
"""``x=1,5`` and ``x=1,2,3``."""


def _assignments(text: str) -> dict[str, Constant]:
    text = text.strip().rstrip(",")
    if not text:
        raise BadPoint("the point is empty", hint=_EXAMPLE)
    found = _LISTED.search(text)
    if found is not None:
        name, first, second = found.groups()
        comma = f"{name}={first}.{second} or " if (first + second).lstrip("-+−").isdigit() else ""
        raise BadPoint(
            f"after {name}={first} a comma ends the value, and {second} has no name",
            source=text, hint=f"write {comma}{name}=[{first},{second}]",
        )  # fmt: skip
    try:
        program = parse_program(text, commas=True)
    except GraphDiffError as error:
        if isinstance(error, ParseError) and "defined twice" in error.message:
            message = error.message.replace("is defined twice", "has two values")
            hint = "give each variable one value"
            raise BadPoint(message, source=text, span=error.span, hint=hint) from None
        if not error.hint:
            error.hint = _EXAMPLE
        raise
    if program.inputs:
        name, node = next(iter(program.inputs.items()))
        message = f"{name} is no constant" if program.names else f"{name} is given no value"
        hint = "a point reads x=-2,y=5,z=-4"
        raise BadPoint(message, source=text, span=program.tape.spans.get(node), hint=hint)
    if not program.names or program.output not in program.names.values():
        raise BadPoint(f"{text!r} gives no name a value", hint="a point reads x=-2,y=5,z=-4")
    return {name: Constant(program.tape, node, text) for name, node in program.names.items()}


def _file(path: Path) -> dict[str, Constant]:
    if path.suffix.lower() == ".npz":
        return {name: _raw(name, value, path) for name, value in _npz(path).items()}
    if path.suffix.lower() == ".npy":
        hint = "use .npz, whose arrays have names: numpy.savez(file, x=…, W=…)"
        raise BadPoint(f"{path}: an .npy file does not say whose value it holds", hint=hint)
    try:
        data = read_bytes(path, in_force().text, "text", what="the point from ")
    except ParseError as error:
        raise BadPoint(error.message) from None
    readers = {".json": _json, ".toml": _toml, ".csv": _csv}
    if path.suffix.lower() not in readers:
        hint = f"use {', '.join(readers)} or .npz"
        raise BadPoint(f"{path}: unknown kind of point file", hint=hint)
    try:
        raw = readers[path.suffix.lower()](data, path)
    except ParseError as error:
        raise BadPoint(f"the point cannot be read: {error.message}", hint=error.hint) from None
    return {str(name): _raw(str(name), value, path) for name, value in raw.items()}


def _raw(name: str, value: Any, path: Path) -> Constant:
    if isinstance(value, list) or hasattr(value, "__array__"):
        return read_value(name, value)
    if not isinstance(value, str | int | float):
        raise BadPoint(f"{path}: the value of {name} is not a number")
    return _single(name, value) if isinstance(value, str) else read_value(name, value)


def _npz(path: Path) -> dict[str, Any]:
    """Arrays of a numpy archive; never a pickle.  Their sizes are checked before they are read."""
    import zipfile

    import numpy

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > 8 * (most := in_force().elements):
            message = f"{path} holds {size:,} bytes; at most {8 * most:,}"
            raise LimitExceeded(message, limit="elements")
        with numpy.load(path, allow_pickle=False) as stored_arrays:
            names = stored_arrays.files
            return _once(path)((name, stored_arrays[name]) for name in names)
    except GraphDiffError:
        raise
    except Exception as error:  # noqa: BLE001  whatever tokenizers and decompressors raise
        said = str(error).partition("\n")[0] or type(error).__name__
        raise BadPoint(f"cannot read the point from {path}: {said}") from None


def _once(path: Path) -> Callable[[Iterable[tuple[str, Any]]], dict[str, Any]]:
    """A table of pairs whose names must differ.  Raises ParseError."""

    def table(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ParseError(f"{path}: {name} has two values")
            found[name] = value
        return found

    return table


def _json(data: bytes, path: Path) -> dict[str, Any]:
    # Decimals stay text, so that 0.1 is exactly 1/10.
    found = read_json(
        data, path, parse_float=str, parse_constant=str, object_pairs_hook=_once(path)
    )
    if not isinstance(found, dict):
        raise ParseError(f'{path}: expected one object: {{"x": -2, "y": 5}}')
    return _trained(found, path) if found.get("schema") == "graphdiff.descent/1" else found


def _trained(found: dict[str, Any], path: Path) -> dict[str, Any]:
    """Where the best run that ``graphdiff descend`` wrote has ended."""
    runs = [run for run in found.get("runs", ()) if run.get("value") is not None]
    if not runs:
        raise ParseError(f"{path}: no run of this file has ended at a number")
    best: dict[str, Any] = min(runs, key=lambda run: float(run["value"]))["final"]
    return best


def _toml(data: bytes, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_toml(data, path, str)
    return found


def _csv(data: bytes, path: Path) -> dict[str, Any]:
    found = csv_rows(decoded(data, path).splitlines(), path)
    rows = [[cell.strip() for cell in row] for _, row in found]
    if len(rows) == 2 and len(rows[0]) == len(rows[1]):
        return _once(path)(zip(rows[0], rows[1], strict=True))
    if rows and all(len(row) == 2 for row in rows):
        return _once(path)((row[0], row[1]) for row in rows)
    raise ParseError(f"{path}: expected a line of names and a line of values")


def complete(
    point: Mapping[str, Constant], inputs: Mapping[str, int], needed: set[str],
    statements: Container[str] = (),
) -> None:  # fmt: skip
    """Check a point against a program.  Raises BadPoint for a missing or an unused variable."""
    unused = [name for name in point if name not in inputs]
    missing = [name for name in inputs if name in needed and name not in point]
    if unused:
        hint = _product_hint(unused[0], missing, point)
        if unused[0] == "e":
            hint = "e is Euler's number in the expression; rename the variable"
        raise no_variable(unused[0], inputs, statements, hint=hint, error=BadPoint)
    if missing:
        example = ",".join(f"{name}=…" for name in missing[:6])
        hint = f"add {example}"
        name = missing[0]
        product = _factors(name, {*inputs, *point} - {name}) if len(missing) == 1 else None
        if product:
            hint += f"; for a product write {'*'.join(product)}"
        raise BadPoint(f"no value for {', '.join(missing[:12])}", hint=hint)


def _product_hint(unused: str, missing: list[str], point: Mapping[str, Constant]) -> str:
    """A name with a value that is a factor of a name without one: ``wx`` where w and x have one."""
    for name in missing:
        product = _factors(name, point)
        if product and unused in product:
            return f"for a product write {'*'.join(product)}"
    return ""


def _factors(name: str, known: Collection[str]) -> list[str] | None:
    """The name as known names side by side, two or more; None if it is none such.

    >>> _factors("w1x", {"w1", "x"}), _factors("wx", {"w", "b"})
    (['w1', 'x'], None)
    """
    reached: list[list[str] | None] = [[], *[None] * len(name)]
    for k in range(1, len(name) + 1):
        for other in known:
            before = reached[k - len(other)] if len(other) <= k else None
            if other and before is not None and name.endswith(other, 0, k):
                reached[k] = [*before, other]
                break
    whole = reached[-1]
    return whole if whole is not None and len(whole) > 1 else None
