"""The interactive page as a file: self-contained, escaped, the same on every run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdiff import Graph, Trace, parse
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.words import words
from graphdiff.drawing.page.names import name_parts
from graphdiff.drawing.page.story import in_pieces, marked_formulas
from graphdiff.drawing.parts.escaping import clean
from graphdiff.errors import Unsupported
from graphdiff.program import gallery
from graphdiff.program.formulas import Formulas

HOSTILE = "</script><script>alert(1)</script>"
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=12)


class Page(HTMLParser):
    """The elements of a page, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_data(self, text: str) -> None:
        if self.cdata_elem in self.raw:
            self.raw[self.cdata_elem][-1] += text
        else:
            self.texts.append(text)

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw["script"][0])
        return found


def page(subject: Trace | Graph, **options: Any) -> str:
    return subject.figure(**options).render("html").decode()


def product() -> Trace:
    return parse("q = x + y; f = q*z").backprop(x=-2, y=5, z=-4)


def named(name: str) -> Trace:
    """A program with a variable of any name, which only the library can make."""
    tape = Tape(STANDARD)
    x = tape.make("input", (), name)
    square = tape.make("mul", (x, x))
    graph = Graph(tape, square, {name + "²": square}, {name: x}, f"{name}*{name}")
    return graph.backprop({name: 3})


def test_nothing_is_loaded_and_only_our_code_runs() -> None:
    text = page(product())
    found = Page(text)
    policy = next(a["content"] for tag, a in found.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for kind, code in (("script", found.raw["script"][1]), ("style", found.raw["style"][0])):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert [a for tag, a in found.tags if a.get("src") or "style" in a] == []
    links = [a.get("href") or "" for tag, a in found.tags if a.get("href")]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text


def test_no_handler_is_in_the_markup() -> None:
    attributes = {name for _, a in Page(page(product())).tags for name in a}
    assert not [name for name in attributes if name.startswith("on")]


def test_the_same_bytes_on_every_run() -> None:
    assert page(product()) == page(product())


def test_steps_go_forward_then_backward_with_sums_at_forks() -> None:
    trace = parse("c = a + b; d = b + 1; e = c*d").backprop(a=2, b=1)
    data = Page(page(trace)).data
    names = {int(i): node["name"] for i, node in data["nodes"].items()}
    told = [(step["kind"], names.get(step.get("node", -1), "")) for step in data["steps"]]
    # colah's picture: b is used twice, so its gradient 2 + 3 is a step of its own.
    assert told == [
        ("inputs", ""), ("forward", "c"), ("forward", "d"), ("forward", "e"), ("seed", "e"),
        ("backward", "e"), ("backward", "d"), ("backward", "c"), ("sum", "b"), ("end", ""),
    ]  # fmt: skip
    by_name = {node["name"]: node for node in data["nodes"].values()}
    assert (by_name["b"]["gradient"], by_name["e"]["value"]) == (5, 6)
    assert [edge["share"] for edge in data["edges"] if names[edge["source"]] == "b"] == [2, 3]


def test_numbers_are_text_with_room_to_grow() -> None:
    found = Page(page(product()))
    texts = [a for tag, a in found.tags if tag == "text"]
    assert len(texts) == 10
    assert all(float(a["data-room"] or 0) > 30 for a in texts)
    assert {"−12.00", "−4.00", "3.00"} <= set(found.texts)


@pytest.mark.parametrize(
    ("text", "point", "options", "fixed"),
    [
        ("(x+y)*z", None, {}, "point"),
        ("sum(x)", {"x": [1] * 17}, {}, "arrays"),
        ("sum(W@x)", {"W": [[1, 2]], "x": [3, 4]}, {"layout": "numerator"}, "arrays"),
        ("sum(W@x)", {"W": [[1, 2]], "x": [3, 4]}, {}, ""),
        ("sum(x)", {"x": [1e-400, 1]}, {}, ""),
        ("x + 1e-400", {"x": 1}, {}, "unknown"),
        ("x*y", {"x": 1, "y": 2}, {}, ""),
    ],
)
def test_pages_that_cannot_compute_say_so(
    text: str, point: dict[str, Any] | None, options: dict[str, Any], fixed: str
) -> None:
    graph = parse(text)
    html = page(graph if point is None else graph.backprop(point), **options)
    found = Page(html)
    assert found.data["fixed"] == fixed
    assert found.raw["script"][1].startswith("const program = null;") is bool(fixed)
    assert not fixed or words("en", "page")[f"fixed_{fixed}"] in found.texts


def test_the_page_names_its_language() -> None:
    found = Page(page(product(), lang="ko"))
    assert dict(found.tags)["html"]["lang"] == "ko"
    assert "기울기 가리기" in found.texts
    with pytest.raises(Unsupported, match="no language 'de'"):
        page(product(), lang="de")


@pytest.mark.parametrize("style", ["cs231n", "colah", "micrograd", "minimal", "mono"])
def test_every_style_has_a_page(style: str) -> None:
    found = Page(page(product(), style=style, theme="dark"))
    assert dict(found.tags)["html"]["data-theme"] == "dark"
    assert sum(1 for tag, _ in found.tags if tag == "text") == 10


def test_what_was_added_to_the_figure_is_in_the_page() -> None:
    html = page(product(), annotate=["q: 분배기"], highlight=["q"], panel="auto", group=["s=x+y"])
    classes = [a.get("class") or "" for _, a in Page(html).tags]
    for kind in ("box note", "note", "box panel", "box group"):
        assert kind in classes


@pytest.mark.parametrize("name", gallery.names())
def test_every_gallery_program_computes_in_its_page(name: str) -> None:
    data = Page(page(gallery.load(name).trace())).data
    assert data["fixed"] == ""
    assert data["steps"][0]["kind"] == "inputs"
    shown = {key for node in data["nodes"].values() for key in node}
    assert "value" in shown


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("w_0", [[("w", True)], [("0", False)], ""]),
        ("x1'", [[("x", True)], [("1", False)], "′"]),
        ("theta_i", [[("θ", True)], [("i", True)], ""]),
        ("w_ij", [[("w", True)], [("i", True), ("j", True)], ""]),
        ("x_max", [[("x", True)], [("max", False)], ""]),
        ("loss", [[("loss", False)], [], ""]),
        ("lambda", [[("λ", True)], [], ""]),
        ("Sigma", [[("Σ", False)], [], ""]),
        ("분배", [[("분배", False)], [], ""]),
        ("\x00_1", [[("�", False)], [("1", False)], ""]),
    ],
)
def test_names_have_parts(name: str, parts: list[Any]) -> None:
    assert name_parts(name) == parts


@pytest.mark.parametrize("name", gallery.names())
def test_formulas_in_pieces_read_as_formulas(name: str) -> None:
    graph = gallery.load(name).trace().graph
    plain, marked = Formulas(graph), marked_formulas(graph, "gradient")
    for i in graph.order:
        pieces = in_pieces(marked.upstream(i))
        assert "".join(graph.labels[p] if isinstance(p, int) else p for p in pieces) == (
            plain.upstream(i)
        )
        for position, k in enumerate(graph.tape.nodes[i].operands):
            if graph.active[k]:
                pieces = in_pieces(marked.local(i, position))
                told = "".join(graph.labels[p] if isinstance(p, int) else p for p in pieces)
                assert told == plain.local(i, position)


def test_formulas_of_arrays_in_pieces_read_as_formulas() -> None:
    graph = (
        parse("h = relu(W@x + b); f = sum(h^2)")
        .backprop(W=[[1, -2], [3, 4]], x=[5, 6], b=[0, 1])
        .graph
    )
    plain, marked = Formulas(graph), marked_formulas(graph, "gradient")
    for i in graph.order:
        pieces = in_pieces(marked.upstream(i))
        told = "".join(graph.labels[p] if isinstance(p, int) else p for p in pieces)
        assert told == plain.upstream(i)


def test_labels_of_the_user_are_drawn_once() -> None:
    html = page(parse("f = w*yh").backprop(w=1, yh=2), label={"yh": r"\hat{y}"})
    nodes = Page(html).data["nodes"].values()
    assert [node["name"] for node in nodes if "drawn" in node] == ["yh"]
    assert html.count('<g id="name-1">') == 1


def test_exact_numbers_are_fractions_at_the_point_drawn() -> None:
    trace = parse("f = x*y").backprop(x="1/3", y="1/4")
    data = Page(page(trace, exact=True)).data
    assert [node["value"] for node in data["nodes"].values()] == [
        {"exact": "1/3"}, {"exact": "1/4"}, {"exact": "1/12"},
    ]  # fmt: skip
    assert [entry["value"] for entry in data["inputs"]] == ["1/3", "1/4"]
    rounded = Page(page(trace)).data
    assert [entry["value"] for entry in rounded["inputs"]] == ["1/3", "0.25"]


def test_hostile_source_and_names_stay_text() -> None:
    found = Page(page(named(HOSTILE)))
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert len(found.raw["script"]) == 2
    assert found.data["inputs"][0]["name"] == HOSTILE


@pytest.mark.parametrize("name", ["</title><b>", "-->", "{{DATA}}", "$&", "\\u003c", "가\u2028나"])
def test_names_with_a_meaning_elsewhere(name: str) -> None:
    check_name(name)


@given(ANY_TEXT)
def test_any_name_stays_text(name: str) -> None:
    check_name(name)


def check_name(name: str) -> None:
    from graphdiff.drawing.page.html import to_html
    from graphdiff.drawing.page.story import Story
    from graphdiff.drawing.parts.numerals import Numerals
    from graphdiff.drawing.parts.scene import Scene
    from graphdiff.drawing.parts.styles import CS231N
    from graphdiff.program.boxes import boxed

    scene = Scene(f"Computation graph of {name}", name, 10.0, 10.0, CS231N, (), ())
    text = to_html(scene, Story(boxed(named(name)), Numerals(), "gradient", None, str))
    plain = Page(page(product()))
    found = Page(text)
    assert found.data["inputs"][0]["name"] == clean(name)
    outside = [tag for tag, _ in found.tags if tag not in ("g", "path", "use", "text", "circle")]
    expected = [tag for tag, _ in plain.tags if tag not in ("g", "path", "use", "text", "circle")]
    # The drawing has no labels here, so nothing but their titles is missing.
    assert [t for t in outside if t != "title"] == [t for t in expected if t != "title"]
    assert re.sub(r"\s", "", clean(name)) in re.sub(r"\s", "", "".join(found.texts))
