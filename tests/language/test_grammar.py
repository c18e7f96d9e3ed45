"""The grammar as it is written down (``infix.lark``) and the reader, which has none, agree.

lark reads the grammar.  What the reader does is recorded from outside: each way to put parts
together returns its name and its parts.
"""

from __future__ import annotations

import random
from functools import cache
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
        held: Any = None
        for token in self.brackets(stream):
            if held is not None:
                if token.type == "LPAR" and held.type == "NAME":
                    held.type = "CALL"
                yield held
            held = token
        if held is not None:
            yield held

    def brackets(self, stream: Any) -> Any:
        opened: list[str] = []
        previous = ""
        for token in stream:
            if token.type == "SEP" and opened and token != ";":
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
    _, *lines = plain(Written().transform(tree))
    return [line[1] for line in lines if len(line) > 1]


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
    except ValueError:
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
