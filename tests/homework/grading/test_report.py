"""The report: safe, complete, without network, and typeset."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from graphdiff.homework.grading import grade
from graphdiff.homework.grading.report import page
from graphdiff.homework.grading.report.mathml import mathml

EVIL = "</style><script>alert(1)</script><img src=x onerror=alert(2)>"
HOMEWORK: dict[str, Any] = {
    "homework": {"title": f"Week 1 {EVIL}"},
    "problem": [
        {"id": "p1", "title": f"One {EVIL}", "function": "x*sin(x^2)"},
        {"id": "p2", "program": "q = x + y; f = q*z", "at": {"x": -2, "y": 5, "z": -4},
         "asked": ["q", "f", "df/dq"]},
    ],
}  # fmt: skip
ANSWERS = {
    "ada": {"p1": "sin(x^2) + 2x^2 cos(x^2)", "p2": {"q": "3", "f": "-12", "df/dq": "-4"}},
    "bo": {"p1": "sin(x^2) + x cos(x^2)", "p2": {"q": "7", "f": "-28", "df/dq": "-4"}},
    "cy": {"p1": "sin(x^2) + x cos(x^2)", "p2": {"q": "7", "f": "-12", "df/dq": "-4"}},
    f"d{EVIL}": {"p1": EVIL, "p2": EVIL},
}


class Page(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("graded")
    who = {"bo": {"name": f"Bo {EVIL}"}}
    grade(HOMEWORK, ANSWERS, identities=who, jobs=0, output=folder).store.close()
    return (folder / "report.html").read_text(encoding="utf-8")


def test_nothing_of_anybody_is_a_tag(report: str) -> None:
    tags = Page(report).tags
    assert {"img", "iframe", "link"} & {tag for tag, _ in tags} == set()
    assert [attributes for tag, attributes in tags if tag == "script"] == [{}]  # ours
    for tag, attributes in tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag


def test_it_asks_for_nothing(report: str) -> None:
    links = re.findall(r'(?:href|src)="([^"]*)"', report)
    assert all(link.startswith("#") for link in links)
    (policy,) = [
        attributes["content"] for tag, attributes in Page(report).tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]  # fmt: skip
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    (code,) = re.findall(r"<script>(.*?)</script>", report, re.DOTALL)
    digest = b64encode(sha256(code.encode()).digest()).decode()
    assert f"; script-src 'sha256-{digest}';" in policy


def test_links_lead_somewhere(report: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(report).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', report)) <= set(ids)


def test_mistakes_are_grouped_with_their_count(report: str) -> None:
    text = Page(report).text
    assert "2 × E_CHAIN" in text
    assert "The first wrong number is at q : 2." in text
    assert "1 right, 2 wrong, 1 not readable" in text


def test_the_first_wrong_node_stands_out_in_a_figure(report: str) -> None:
    drawn = [a for tag, a in Page(report).tags if tag == "svg" and a.get("id")]
    used = [a for tag, a in Page(report).tags if tag == "use" and a.get("href") == "#f1"]
    assert len(drawn) == 1
    assert len(used) == 2  # bo and cy


def test_right_answers_with_nothing_to_see(tmp_path: Path) -> None:
    answers = {"ada": {"p1": "2x"}}
    homework = {"problem": [{"id": "p1", "function": "x^2"}]}
    grade(homework, answers, jobs=0, output=tmp_path).store.close()
    text = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "Nothing needs a second look." in text
    assert "All right." in text


def test_a_large_class_has_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_HERE", 2)
    monkeypatch.setattr(page, "_EACH", 3)
    grade(HOMEWORK, ANSWERS, jobs=0, output=tmp_path).store.close()
    first, second = sorted((tmp_path / "students").iterdir())
    assert (first.name, second.name) == ("page-001.html", "page-002.html")
    drawn = [a for tag, a in Page(first.read_text("utf-8")).tags if tag == "svg" and a.get("id")]
    assert len(drawn) == 1
    monkeypatch.setattr(page, "_PAGES", 3)
    grade(HOMEWORK, ANSWERS, jobs=0, output=tmp_path / "b").store.close()
    assert not (tmp_path / "b" / "students").exists()


def test_korean(tmp_path: Path) -> None:
    homework = {**HOMEWORK, "homework": {"title": "1주차", "language": "ko"}}
    grade(homework, ANSWERS, jobs=0, output=tmp_path).store.close()
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in text
    assert "확인해 주세요" in text
    assert "처음 틀린 값은" in text


@pytest.mark.parametrize(
    ("latex", "inside"),
    [
        (r"\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\sqrt{x}", "<msqrt><mi>x</mi></msqrt>"),
        (r"\alpha_{1}", "<msub><mi>α</mi><mn>1</mn></msub>"),
        (r"\operatorname{csch}", "<mi>csch</mi>"),
        (r"e^{-x}", "<msup><mi>e</mi><mrow><mo>−</mo><mi>x</mi></mrow></msup>"),
    ],
)
def test_latex_as_mathml(latex: str, inside: str) -> None:
    assert mathml(latex) == f"<math>{inside}</math>"


@pytest.mark.parametrize("latex", ["{", "}", "^", r"\frac{1}", r"\left(x", r"\x", "&", "{" * 9999])
def test_what_our_printer_does_not_write_is_no_mathml(latex: str) -> None:
    assert mathml(latex) == ""


def test_every_answer_that_is_read_is_typeset() -> None:
    from graphdiff.language.handwriting import latex, read
    from graphdiff.language.handwriting.settings import Settings

    texts = [
        "2x sin(y)", r"\sqrt[3]{x^2+1}/3", "|x|^{-3/2}", "e^{-x^2}", "log_2 x", "alpha_1*x",
        "arctan x / (1 + sec^2 x)", "0.25x", "max(x, y)", "log10(x)", "x_12 theta",
    ]  # fmt: skip
    for text in texts:
        assert mathml(latex(read(text, None, Settings()).term)), text


def test_in_a_browser(report: str, chromium: Any, tmp_path: Path) -> None:
    """No complaint about the policy, figures have their size, formulas are typeset."""
    path = tmp_path / "report.html"
    path.write_text(report, encoding="utf-8")
    said: list[str] = []
    with chromium.new_context() as context:
        view = context.new_page()
        view.on("console", lambda message: said.append(message.text))
        view.on("pageerror", lambda error: said.append(str(error)))
        view.goto(path.as_uri())
        size = "document.querySelector('svg[id]').getBoundingClientRect().width"
        frac = "document.querySelector('math').getBoundingClientRect().height"
        color = "getComputedStyle(document.querySelector('.verdict.right')).color"
        found = [view.evaluate(code) for code in (size, frac, color)]
    assert said == []
    assert found[0] > 100
    assert found[1] > 5
    assert found[2] == "rgb(17, 122, 55)"


def test_matrices_are_shown(tmp_path: Path) -> None:
    program = {"id": "p1", "program": "h = W@x; f = sum(h^2)", "asked": ["h", "df/dh"],
               "at": {"W": [[1, 2], [3, 4]], "x": [1, -1]}}  # fmt: skip
    told = grade({"problem": [program]}, {"ada": {"p1": "h = [-1; 7]; df/dh = [-1, -1]"}},
                 output=tmp_path, jobs=0)  # fmt: skip
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<mrow></mrow>" not in html
    assert "<code>[-1; 7]</code>" in html
    assert "In n1" not in html
    told.store.close()


def test_what_a_student_is_told() -> None:
    cases = {"a": "cos(3x)", "b": "idk", "c": "답: 3cos(3x) 입니다."}
    homework = {"homework": {"language": "ko"}, "problem": [{"id": "p1", "function": "sin(3x)"}]}
    told = {s.name: s.results["p1"] for s in grade(
        homework, {name: {"p1": text} for name, text in cases.items()}, jobs=0
    )}  # fmt: skip
    assert " 또는: 3x에서" in told["a"].feedback
    assert "idk: 그런 이름의 변수나 함수가 없다" in told["b"].feedback
    assert told["c"].status == "right"


def test_a_mistake_in_two_parts_is_one_student(tmp_path: Path) -> None:
    problem = {"id": "p", "program": "f = x*y + z*w", "at": {"x": 2, "y": 3, "z": 5, "w": 7},
               "asked": ["df/dx", "df/dy", "df/dz", "df/dw"]}  # fmt: skip
    answers = {"df/dx": "2", "df/dy": "3", "df/dz": "5", "df/dw": "7"}  # the factors themselves
    class_ = {f"s{k}": {"p": answers} for k in range(3)}
    grade({"problem": [problem]}, class_, output=tmp_path, jobs=0).store.close()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    counts = re.findall(r'<div class="group"><b>(\d+) × <code>(\w+)', page)
    assert counts
    assert {count for count, _ in counts} == {"3"}


# -- for people ------------------------------------------------------------------------------------


def test_names_lead_to_what_is_told_of_students(report: str) -> None:
    places = set(re.findall(r'<details id="(s-\w+)">', report))
    leads = set(re.findall(r'href="#(s-\w+)"', report))
    assert leads and leads <= places


def test_headings_leave_no_level_out(report: str) -> None:
    levels = [1, *map(int, re.findall(r"<h([1-6])", report))]
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


def test_what_is_not_understood_is_not_red(report: str) -> None:
    rules = re.findall(r"(?<![^{}])([^{}]*){color:var\(--bad\)}", report)
    assert rules and not [rule for rule in rules if "unreadable" in rule or ".name" in rule]


def test_an_example_tells_its_student_s_own_numbers(tmp_path: Path) -> None:
    variants = {"ann": {"a": 3}, "bo": {"a": 5}}
    homework = {"problem": [{"id": "p1", "function": "{a}*x^3", "variants": variants}]}
    answers = {"ann": {"p1": "3x^2"}, "bo": {"p1": "15x^2"}}
    grade(homework, answers, jobs=0, output=tmp_path).store.close()
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<code>(3)*x^3</code>" in report.partition("<h2>Mistakes")[2].partition("<h2>")[0]


def test_who_answered_in_part_is_not_counted_as_without_an_answer(tmp_path: Path) -> None:
    problem = {"id": "p", "program": "f = x*y", "at": {"x": 2, "y": 3}, "asked": ["df/dx", "df/dy"]}
    right = {"df/dx": "3", "df/dy": "2"}
    class_ = {
        "a": {"p": right}, "b": {"p": right},
        "c": {"p": {"df/dx": "3"}}, "d": {"p": {"df/dy": "2"}}, "e": {"p": {"df/dx": "3"}},
        "f": {"p": ""},
        "g": {"p": {"df/dx": "4"}},
    }  # fmt: skip
    grade({"problem": [problem]}, class_, output=tmp_path, jobs=0).store.close()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    told = re.search(r'</svg><span class="muted">([^<]*)</span>', page)
    assert told is not None
    assert told[1] == "2 right, 1 wrong, 3 not all answered, 1 not answered"
    widths = re.findall(r'<rect class="(\w+)" x="[\d.]+" width="([\d.]+)"', page)
    assert widths[:4] == [
        ("right", "28.57"), ("wrong", "14.29"), ("partly", "42.86"), ("missing", "14.29")
    ]  # fmt: skip
