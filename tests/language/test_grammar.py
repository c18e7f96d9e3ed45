"""The grammar as it is written down (``infix.lark``) and the reader, which has none, agree.

lark reads the grammar.  What the reader does is recorded from outside: each way to put parts
together returns its name and its parts.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import lark
import pytest

import graphdiff as gd
from graphdiff.core.limits import Limits
from graphdiff.language.reading.infix import _Machine
from graphdiff.language.reading.tokens import tokens

TERMINALS = {"LSQB": ("INDEX_OPEN", "LIST_OPEN"), "BAR": ("BAR_CLOSE", "BAR_OPEN")}
ENDS = {"NUMBER", "NAME", "RPAR", "RSQB", "BAR_CLOSE", "SUPERSCRIPT", "TRANSPOSED"}
OPENING, CLOSING = {"LPAR", "BAR_OPEN", "LIST_OPEN", "INDEX_OPEN"}, {"RPAR", "BAR_CLOSE", "RSQB"}


class SecondPass:
    """Calls from names, opening bars from closing ones; no line ends inside brackets."""

    always_accept = ("BAR", "SEP", "LSQB")

    def process(self, stream: Any) -> Any:
        found = list(self.brackets(stream))
        for token, after in pairwise(found):
            if token.type == "NAME" and after.type == "LPAR":
                token.type = "CALL"
            elif token.type == "NAME" and token.end_pos == after.start_pos and after == "{":
                token.type = "STEM" if token.endswith("_") else "NAME"
        begins = [0, *(k + 1 for k, t in enumerate(found) if t.type in ("SEP", "COLON", "LBRACE"))]
        for k in begins:
            three = found[k : k + 3]
            if [t.type for t in three] == ["NAME"] * 3 and (three[0], three[2]) == ("for", "in"):
                three[0].type, three[2].type = "FOR", "IN"
        yield from found

    def brackets(self, stream: Any) -> Any:
        opened: list[str] = []
        previous = ""
        for token in stream:
            if token.type == "SEP" and (opened or previous == "COLON") and token != ";":
                continue
            if token.type == "LSQB":
                token.type = "INDEX_OPEN" if previous in ENDS else "LIST_OPEN"
            elif token.type == "BAR":
                closes = previous in ENDS and opened[-1:] == ["BAR_OPEN"]
                token.type = "BAR_CLOSE" if closes else "BAR_OPEN"
            if token.type in OPENING:
                opened.append(token.type)
            elif token.type in CLOSING and opened:
                opened.pop()
            previous = token.type
            yield token


class Written(lark.Transformer[Any, Any]):
    """The derivation in the grammar, as nested tuples."""

    def __default__(self, data: Any, children: list[Any], meta: Any) -> Any:
        parts = [c for c in children if not isinstance(c, lark.Token) or c.type in WORDS]
        shown = [str(c) if isinstance(c, lark.Token) else c for c in parts]
        return SAME.get(str(data), str(data)), *shown

    def name(self, children: list[Any]) -> Any:
        """A name, or its stem with the indices."""
        stem, *rest = children
        return "name", str(stem), *(c for c in rest if not isinstance(c, lark.Token))

    def define(self, children: list[Any]) -> Any:
        return "define", children[0], children[-1]

    def loop(self, children: list[Any]) -> Any:
        _, variable, _, low, _, high, *_, body = children
        return "loop", str(variable), low, high, body

    def sliced(self, children: list[Any]) -> Any:
        parts: list[Any] = [None]
        for child in children:
            if isinstance(child, lark.Token):
                parts.append(None)
            else:
                parts[-1] = child
        return "index", *parts


WORDS = {
    "NUMBER", "NAME", "CALL", "SUPERSCRIPT", "PLUS", "MINUS", "TIMES", "OVER", "AT", "COMPARE",
    "ROOT",
}  # fmt: skip
SAME = {"position": "index", "negative": "signed", "positive": "signed"}
SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "neg": "-", "": "+",
    "sqrt": "√", "cbrt": "∛",
}  # fmt: skip


class Recorder:
    """In place of the program under construction: says what it was asked to put together."""

    def __init__(self, text: str) -> None:
        self.text, self.statements = text, list[Any]()
        self.tape = type("", (), {"limits": Limits()})

    def applies(self, word: str) -> bool:
        return False  # which names are functions the table of ops says, not the grammar

    def number(self, word: str, *_: int) -> Any:
        return Part(("number", word))

    def name(self, word: str, *_: int) -> Any:
        return Part(("name", word))

    def binary(self, op: str, left: Any, right: Any) -> Any:
        if op == "pow":
            return Part(("raised", left.id, right.id))
        return Part(("binary", left.id, SIGNS[op], right.id))

    def juxtaposed(self, left: Any, right: Any) -> Any:
        return Part(("juxtaposed", left.id, right.id))

    def prefixed(self, op: str, _: int, piece: Any) -> Any:
        rule = "root" if op in ("sqrt", "cbrt") else "signed"
        return Part((rule, SIGNS[op], piece.id))

    def superscript(self, base: Any, word: str, *_: int) -> Any:
        return Part(("superscript", base.id, word))

    def bars(self, _: int, piece: Any, __: int) -> Any:
        return Part(("bars", piece.id))

    def transposed(self, piece: Any, _: int) -> Any:
        return Part(("transposed", piece.id))

    def listed(self, _: int, items: list[Any], __: int) -> Any:
        return Part(("listed", *(item.id for item in items)))

    def comparison(self, left: Any, sign: str, right: Any) -> Any:
        return "comparison", left.id, sign, right.id

    def index_item(self, last: Any, before: list[Any]) -> Any:
        return "index", *(p and p.id for p in (*before, last))

    def indexed(self, piece: Any, items: list[Any], _: int) -> Any:
        return Part(("indexed", piece.id, *items))

    def call(self, word: str, _: int, arguments: list[Any], __: int) -> Any:
        return Part(("call", word, ("arguments", *map(self.argument, arguments))))

    def argument(self, given: Any) -> Any:
        if given[0] == "comparison":
            return given
        return (
            ("keyword", given.name, given.piece.id)
            if given.name
            else ("positional", given.piece.id)
        )

    def statement(self, piece: Any, _: str) -> None:
        self.statements.append(("result", piece.id))

    def define(self, word: str, _: int, __: int, piece: Any) -> None:
        self.statements.append(("define", word, piece.id))

    def begin_loop(self) -> None:
        """Loops leave nothing but their statements."""

    begin_repetition = begin_loop

    def end_loop(self, _: int) -> None:
        """Nor here."""

    def unreadable(self, position: int) -> None:
        raise ValueError(position)

    def unexpected(self, token: Any, *_: Any) -> None:
        raise ValueError(token)


class Part:
    """Stands for a piece of the program."""

    def __init__(self, what: Any, *_: int) -> None:
        self.id = what


@cache
def parser() -> Any:
    grammar = Path(__file__).with_name("infix.lark").read_text(encoding="utf-8")
    options: Any = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}
    return lark.Lark(grammar, postlex=SecondPass(), **options)


def by_grammar(text: str) -> Any:
    """The statements, or None where the grammar has no derivation."""
    try:
        tree = parser().parse(text)
    except lark.UnexpectedInput:
        return None
    try:
        return list(written_out(plain(Written().transform(tree)), {}))
    except ValueError:
        return None  # there is no such index


def written_out(found: Any, known: dict[str, int]) -> Any:
    """The statements of lines and loops, where the variables of loops are numbers."""
    if found[0] in ("start", "line", "body"):
        for part in found[1:]:
            yield from written_out(part, known)
    elif found[0] == "loop":
        _, variable, low, high, body = found
        first, last = number(low, known), number(high, known)
        if first > last or variable in known or "_" in variable:
            raise ValueError(found)
        for value in range(first, last + 1):
            yield from written_out(body, {**known, variable: value})
    elif found[0] == "define":
        name = settled(found[1], known)
        if name[0] != "name":
            raise ValueError(name)
        yield "define", name[1], settled(found[2], known)
    else:
        yield settled(found, known)


def settled(found: Any, known: dict[str, int]) -> Any:
    if not isinstance(found, tuple):
        return found
    if found[0] != "name":
        return tuple(settled(part, known) for part in found)
    _, word, *indices = found
    if word in known:
        return "number", str(known[word])
    head, *parts = word.split("_")
    parts = [str(known.get(part, part)) for part in parts]
    for index in indices:
        loose = index[0] == "name" and len(index) == 2 and index[1] not in known
        value = 0 if loose else number(index, known)
        if value < 0:
            raise ValueError(index)
        parts[-1:] = [index[1] if loose else str(value)]
        parts.append("")
    return "name", "_".join([head, *(parts[:-1] if indices else parts)])


def number(found: Any, known: dict[str, int]) -> int:
    """What an index comes to."""

    def value(part: Any) -> int:
        match part:
            case "number", text:
                return int(text)
            case "name", word:
                return known[word]
            case "binary", a, "+", b:
                return value(a) + value(b)
            case "binary", a, "-", b:
                return value(a) - value(b)
            case "signed", sign, a:
                return -value(a) if sign == "-" else value(a)
            case ("binary", a, "*", b) | ("juxtaposed", a, b):
                return value(a) * value(b)
            case _:
                raise LookupError(part)

    try:
        return value(found)
    except KeyError:
        raise ValueError(found) from None


def plain(found: Any) -> Any:
    """Without brackets, which the tree makes up for."""
    if not isinstance(found, tuple):
        return found
    if found[0] == "bracketed":
        return plain(found[1])
    return tuple(plain(part) for part in found)


def by_reader(text: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("graphdiff.language.reading.infix.Piece", Part)
    recorder: Any = Recorder(text)
    try:
        _Machine(recorder, commas=False).run()
    except (ValueError, gd.ParseError):
        return None
    return recorder.statements


VOCABULARY = [
    "x", "y", "f", "2", "0.5", "(", "(", ")", ")", "[", "]", "|", ",", ";", "\n", "=", "+", "-",
    "*", "/", "^", "**", "@", "²", "⁻¹", "√", ".T", ":", "<", ">=", " ", "$",
]  # fmt: skip


def sentences(seed: int, count: int) -> list[str]:
    """Random programs, half of them right, and half with a token too many or too few."""
    rng = random.Random(seed)

    def expression(depth: int) -> str:
        inner = lambda: expression(depth - 1)  # noqa: E731
        if depth < 1:
            return rng.choice(["x", "y", "2", "0.5", "w1"])
        return rng.choice([
            lambda: f"{inner()}{rng.choice('+-*/^@ ')}{inner()}",
            lambda: f"({inner()})",
            lambda: f"{rng.choice('-+√∛')}{inner()}",
            lambda: f"|{inner()}|",
            lambda: f"{inner()}{rng.choice(['²', '⁻¹', '.T', '[1]', '[1:]', '[:, ::2]', '[y]'])}",
            lambda: f"[{inner()}, {inner()}]",
            lambda: f"f({inner()}, k={inner()})",
            lambda: f"g({inner()} < {inner()}, {inner()})",
            lambda: f"{inner()}\n+ {inner()}",
        ])()  # fmt: skip

    made = []
    for _ in range(count):
        text = rng.choice(["", "q = "]) + expression(rng.randint(0, 4))
        if rng.random() < 0.5:
            place = rng.randrange(len(text) + 1)
            drop = rng.randint(0, 1)
            text = text[:place] + rng.choice(VOCABULARY) * (1 - drop) + text[place + drop :]
        made.append(text)
    return made + ["".join(rng.choices(VOCABULARY, k=rng.randint(1, 9))) for _ in range(count // 2)]


@pytest.mark.parametrize("seed", range(4))
def test_reader_and_grammar_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    readable = 0
    for text in sentences(seed, 400):
        wanted = by_grammar(text)
        readable += wanted is not None
        assert by_reader(text, monkeypatch) == wanted, text
    assert readable > 100


def loops(seed: int, count: int) -> list[str]:
    """Random programs with loops, a third of them with a token too many or too few."""
    rng = random.Random(seed)

    def name(known: str) -> str:
        if not known or rng.random() < 0.2:
            return rng.choice(["w", "x_1", "h_{2}", "W_{hh}"])
        i = rng.choice(known)
        return rng.choice([
            f"h_{i}", f"h_{{{i}}}", f"h_{{{i}-1}}", f"x_{{2*{i}+1}}", i, f"a_{i}_{{{i}+1}}",
            f"b_{{{i},3}}",
        ])  # fmt: skip

    def statement(known: str, depth: int) -> str:
        if depth and rng.random() < 0.5:
            variable = rng.choice("ijk")
            inner = known + variable
            low = rng.choice(["1", "0", "2", *known])
            high = rng.choice(["2", "3", f"{low}+1"])
            body = statement(inner, depth - 1)
            if rng.random() < 0.4:
                body = f"{{ {body}; {statement(inner, depth - 1)} }}"
            gap = rng.choice(["", " ", "\n  "])
            return f"for {variable} in {low}..{high}:{gap}{body}"
        sign = rng.choice("+-*")
        return f"{name(known)} = {name(known)}{sign}f({name(known)}, {name(known)})"

    made = []
    for _ in range(count):
        text = "; ".join(statement("", 2) for _ in range(rng.randint(1, 2)))
        if rng.random() < 0.33:
            place = rng.randrange(len(text) + 1)
            drop = rng.randint(0, 1)
            extra = rng.choice([*VOCABULARY, "{", "}", "..", "for", "in"]) * (1 - drop)
            text = text[:place] + extra + text[place + drop :]
        made.append(text)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_loops_mean_their_statements_written_out(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    readable = 0
    for text in loops(seed, 200):
        try:
            wanted = by_grammar(text)
        except LookupError:
            continue  # an index with a root, or the like
        readable += wanted is not None
        assert by_reader(text, monkeypatch) == wanted, text
    assert readable > 50


def test_a_chain_of_100_000_signs_and_powers_is_read_without_recursion() -> None:
    tight = Limits(text=10**7)
    assert gd.parse("-" * 100_001 + "x", limits=tight).backprop(x=2).value == -2
    assert gd.parse("^".join(["x"] * 5_000), limits=tight).backprop(x=1).value == 1


def test_spaces_and_comments_are_skipped_in_linear_time() -> None:
    text = "x" + " # \t  " * 200_000
    assert [kind for kind, *_ in tokens(text)] == ["NAME", "END"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(x", 2),
        ("x)", 1),
        ("f(x,)", 4),
        ("[x, ]", 4),
        ("x[1:2:3:4]", 7),
        ("x y = 2", 4),
        ("√-x", 1),
    ],
)
def test_errors_stand_at_their_place(text: str, place: int) -> None:
    with pytest.raises(gd.ParseError) as caught:
        gd.parse(text)
    assert caught.value.span is not None
    assert caught.value.span.start == place
