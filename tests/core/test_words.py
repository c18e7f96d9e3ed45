"""Every language has every sentence, with the same fields; the code and the catalogue agree."""

from __future__ import annotations

import ast
import json
import pickle
import re
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from graphdiff.core.ops import STANDARD
from graphdiff.core.support import words as room
from graphdiff.core.support.marks import mark, parts
from graphdiff.core.support.words import Message, Words, languages, packed, tell, unpacked
from graphdiff.core.support.words.ko import inflected
from graphdiff.homework.mistakes import CATALOGUE

OTHERS = [language for language in languages() if language != "en"]
HOMOGRAPHS = {"", "right"}
"""What is two things in English: not wrong, and the key."""


def sentences(language: str) -> dict[str, str]:
    """All sentences by ``section.key``."""
    module = import_module(f"{room.__name__}.{language}")
    return {f"{s}.{k}": text for s, section in module.WORDS.items() for k, text in section.items()}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


ENGLISH = sentences("en")


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_lacks_nothing(language: str) -> None:
    told = sentences(language)
    assert not sorted(ENGLISH.keys() - told.keys()), f"{language} lacks these sentences"
    assert not sorted(told.keys() - ENGLISH.keys()), f"{language} has sentences that nobody says"
    different = [key for key, text in told.items() if fields(text) != fields(ENGLISH[key])]
    assert not different, f"{language} has other fields than English here"


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_thing_has_the_same_word(language: str) -> None:
    told = sentences(language)
    found: dict[str, set[str]] = defaultdict(set)
    for key, text in ENGLISH.items():
        found[text].add(told[key])
    twice = {text: words for text, words in found.items() if len(words) > 1}
    assert twice.keys() <= HOMOGRAPHS, twice


# -- code and catalogue ---------------------------------------------------------------------------

ROOT = Path(room.__file__).parents[4]
SOURCES = {
    path: path.read_text("utf-8")
    for folder in ("graphdiff", "cli/graphdiff_cli")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent != Path(room.__file__).parent
}
MESSAGES = ("reading", "hint", "reason", "note")
"""Sections whose keys are always written in full."""
COMPUTED = {
    "explain": re.compile(r"(product|linear)_rows"),
    "page": re.compile(r"bad_\w+|fixed_\w+"),
}
"""Keys that are put together: an action in numerator layout, what the page's reader of numbers met,
why its numbers are fixed."""


@cache
def strings(path: Path) -> frozenset[str]:
    """The string constants of a source file."""
    nodes = ast.walk(ast.parse(SOURCES[path]))
    return frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is str)


@cache
def opened(path: Path) -> set[str]:
    """The sections that a file takes its words from."""
    text = SOURCES[path]
    return set(re.findall(r'words\([\w.\[\]"]+, ["\']([a-z.]+)["\']\)', text))


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    written = re.compile(rf"({'|'.join(MESSAGES)})\.[a-z_]+")
    for path in SOURCES:
        unknown = {text for text in strings(path) if written.fullmatch(text)} - ENGLISH.keys()
        assert not unknown, f"no catalogue holds these keys of {path.name}"


def test_every_word_that_is_looked_up_is_in_its_section() -> None:
    looked_up = re.compile(r"""\b(?:said|narrated)(?:\[|\()(["'])(\w[\w ]*)\1[\]),]""")
    for path, text in SOURCES.items():
        here = {s for other in SOURCES if other.parent == path.parent for s in opened(other)}
        for _, key in looked_up.findall(text):
            assert any(f"{section}.{key}" in ENGLISH for section in here), (path.name, key)


def test_every_sentence_is_said_somewhere() -> None:
    everywhere = {text for path in SOURCES for text in strings(path)}
    page = "".join(p.read_text("utf-8") for p in (ROOT / "graphdiff/drawing/page").glob("*.*s"))
    page += (ROOT / "graphdiff/drawing/page/page.html").read_text("utf-8")
    near: dict[str, set[str | None]] = defaultdict(set)
    for path in SOURCES:
        for section in opened(path):
            for other in SOURCES:
                if other.parent == path.parent:
                    near[section] |= strings(other)
    for row in STANDARD.values():  # what their gates do to gradients
        for section in ("explain", "caption", "page"):
            near[section] |= {row.action, row.role} - {None}
    for code in CATALOGUE:
        near[code] = {"title", "sentence", "repair"}
    silent = []
    for key in ENGLISH:
        section, _, name = key.rpartition(".")
        if key in everywhere or name in near[section] or section == "list":
            continue
        if section in COMPUTED and COMPUTED[section].fullmatch(name):
            continue
        if section == "page" and re.search(rf"\bwords\.{name}\b|\bW_{name}\b", page):
            continue
        silent.append(key)
    assert not silent, f"nobody says these: {silent}"


# -- Hangul stands in the catalogue ---------------------------------------------------------------

READERS = {
    "drawing/formats/tex_text.py": "examples of text that is not ASCII",
    "drawing/plots/style.py": "whether a font with Hangul is needed",
    "errors.py": "an example of wide letters",
    "homework/grading/submissions/exports.py": "headings of exports from learning platforms",
    "homework/grading/submissions/forms.py": "headings of Google's forms",
    "homework/grading/submissions/tables.py": "headings of tables that people write",
    "language/handwriting/cases.py": "what Korean students write between a case and its condition",
    "language/handwriting/layout.py": "words that Korean students write between formulas",
    "language/handwriting/matrices.py": "words that Korean students write between statements",
    "language/handwriting/sides.py": "what Korean students write around an answer",
    "language/handwriting/units.py": "counters that Korean students write behind numbers",
    "language/handwriting/words.py": "Hangul is no variable",
    "language/notation/letters.py": "examples of names that are no letters",
}
"""Files with Hangul that tell nobody anything, and why."""


def test_hangul_stands_in_the_catalogue_alone() -> None:
    hangul = re.compile("[가-힣]")
    found = {
        path.relative_to(ROOT / "graphdiff").as_posix() if "graphdiff_cli" not in path.parts
        else path.name
        for path, text in SOURCES.items() if hangul.search(text)
    }  # fmt: skip
    assert found <= READERS.keys()


# -- grammar --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("값", "값을 값은 값으로"), ("기울기", "기울기를 기울기는 기울기로"),
        ("길", "길을 길은 길로"), ("x", "x를 x는 x로"), ("l", "l을 l은 l로"),
        ("n", "n을 n은 n으로"), ("0", "0을 0은 0으로"), ("1", "1을 1은 1로"), ("2", "2를 2는 2로"),
        ("3", "3을 3은 3으로"), ("10", "10을 10은 10으로"), ("x^2", "x^2을 x^2은 x^2으로"),
        ("sin(x)", "sin(x)를 sin(x)는 sin(x)로"),
        ("π", "π를 π는 π로"), ("f'", "f'을 f'은 f'으로"),
        ("'dz'", "'dz'를 'dz'는 'dz'로"), (")", ")를 )는 )로"),
        ("<code>x</code>", "<code>x</code>를 <code>x</code>는 <code>x</code>로"),
        ("…", "…을(를) …은(는) …(으)로"),
    ],
)  # fmt: skip
def test_particles_follow_the_sound(text: str, told: str) -> None:
    assert " ".join(inflected(text, form) for form in ("을", "은", "으로")) == told


# -- messages ------------------------------------------------------------------------------------


def test_a_message_travels() -> None:
    message = Message("reason.hinted", reason=Message("reading.empty"), hint="x")
    sent = json.loads(json.dumps(packed(message)))
    for copy in (pickle.loads(pickle.dumps(message)), unpacked(sent)):
        assert copy == "the answer is empty; x"
        assert tell(copy, "ko") == "답이 비어 있다. x"
    assert tell("any text", "ko") == "any text"


def test_what_is_marked_in_a_field_is_marked_in_the_sentence() -> None:
    told = Words("ko", "grade")("first", node=mark("q", "formula"), count=2)
    assert told == Words("ko", "grade")("first", node="q", count=2)
    assert [text for text, what in parts(told) if what] == ["q"]


def test_particles_follow_what_is_marked() -> None:
    said = Words("ko", "grade")
    said["only here"] = "{answer:은} {count}"
    told = said("only here", answer=mark("3", "formula"), count=2)
    assert list(parts(told)) == [("3", "formula"), ("은 2", None)]
