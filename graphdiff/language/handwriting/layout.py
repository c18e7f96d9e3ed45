"""What stands around and between formulas: lines, words, remarks, and what only sets type.

Everything here is as long as the answer, so that places in it stay places in the answer.  Words
are left out only if they are known to say nothing about the value, and what is left out is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from .sides import derivative_in

__all__ = ["Page", "Statement", "laid_out"]

MOST_STATEMENTS = 40

_SAID = """i'm think it is its was the an answer ans final result solution derivative gradient of by
    using use used from we get got have obtain find found gives give so then thus hence therefore
    and also rule here simplify simplified simplifying simplifies expand expanded expanding apply
    applying that this which my our finally now first next last step differentiate differentiating
    differentiated wrt respect to with let where function working work know known note recall qed
    done formula for when let's can see equal equals or namely means calculate computed compute us
"""
_SAID_IN_GERMAN = """
    ableitung antwort ergebnis lösung die das der den dem des ist sind lautet gilt folgt ergibt sich
    also somit damit daraus daher nach mit der und mittels wegen wir erhalten hier aus
    kettenregel produktregel quotientenregel potenzregel summenregel faktorregel innere äußere
    ableitungsregel gemäß vereinfacht vereinfachen ausmultipliziert
"""
_SAID_IN_KOREAN = """따라서 그러므로 그래서 즉 고로 정답 정답은 답 답은 답이 최종 결과 결과는 풀이
    미분 미분하면 도함수 도함수는 구하면 정리하면 이므로 이다 입니다 이고 여기서 연쇄법칙 곱의 몫의
    미분법 미분법에 의해 의하여 법칙 법칙에 연쇄 합성함수 합성함수의 에서 라 하면 라고 두면 하자
    두자 라서 이라 또는 는 은 을 를 전개하면 계산하면 대입하면 최종적으로 체인룰 체인룰에 체인룰을
    연쇄법칙에 연쇄법칙을 연쇄법칙으로 쓰면 사용하면 이용하면 적용하면 곱미분 몫미분 결론은
"""
_PROSE = frozenset((*_SAID.split(), *_SAID_IN_GERMAN.split()))
"""Words that say nothing about the value of what they stand beside."""
_KOREAN = frozenset(_SAID_IN_KOREAN.split())

_TAG = re.compile(
    r"</?(p|div|br|span|b|strong|em|i|u|code|pre|html|body|h[1-6]|ul|ol|li|font|mark|section)"
    r"(?:\s[^<>]{0,200})?\s?/?>",
    re.IGNORECASE,
)
_BLOCKS = frozenset(("p", "div", "br", "li", "pre", "ul", "ol", "section"))
_RAISED_TAG = re.compile(r"<(/?)(sup|sub)>", re.IGNORECASE)
_ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\s*\{(?:align|aligned|alignat|gather|gathered|split|equation|eqnarray|multline"
    r"|displaymath|math|flalign|center)\*?\}(?:\[[a-z]\]|\{\d\})?"
)
_ROWS = re.compile(r"\\begin\s*\{([a-zA-Z]+\*?)\}.*?\\end\s*\{\1\}", re.DOTALL)
_DOLLARS = re.compile(r"\$\$?|\\[()\[\]]")
_DECORATION = re.compile(
    r"(?:\\(?:checkmark|blacksquare|square|Box|qed)(?![A-Za-z])|[✓✔∎■□])"
    r"(?=\s*(?:\Z|[\n$.]|\\[\])\\]|\\end))"
    r"|\\(?:tag|label)\*?\s*\{[^{}]*\}|\\(?:hfill|nonumber|notag)(?![A-Za-z])"
)
_STYLE = re.compile(
    r"\\(?:underline|cancel|bcancel|xcancel|fbox|boxed|ensuremath|textbf|mathbf|boldsymbol|bm"
    r"|large|Large|bf|color\s*\{[^{}]*\}|textcolor\s*\{[^{}]*\}|colorbox\s*\{[^{}]*\})(?![A-Za-z])"
)
_SPOKEN = re.compile(r"\\(?:text|mathrm|textrm|mbox|textit|textnormal)\s*\{([^{}]*)\}")
_MODULE = re.compile(
    r"(?<![\w.\\])(?:np|numpy|math|Math|jnp|tf|torch|sp|sympy|cmath|F|nn|tf\.math|torch\.nn"
    r"\.functional)\.(?=[A-Za-z]\w*\s*\(|(?:pi|e)(?!\w))"
)
_COMMENT = re.compile(
    r"(?:(?<!\S)(?:#|//)\s*(?=[A-Za-z]{2})[^\n]*)|(?:∵|\\because(?![A-Za-z])|\bbecause\b|\bsince\b)[^\n()]*",
    re.IGNORECASE,
)
_REASON = re.compile(r"\s*(?:∵|\\because(?![A-Za-z])|because\b|since\b)", re.IGNORECASE)
_LABEL = re.compile(r"\s*(?:\(([a-h]|i{1,3}|iv|v)\)|([a-h])\)|([QA]\d{0,2}|No\d{1,2})[:.)])\s")
_RULE = (
    r"(?:chain|product|quotient|power|sum|addition|exponential|constant(?:\s+(?:multiple|factor))?)"
    r"\s+rules?(?![A-Za-z])"
)
_WORD = re.compile(
    rf"(?<![A-Za-z\\]){_RULE}"
    r"|(?<![\\_{A-Za-z0-9'])"
    r"(?:[A-Za-zÄÖÜäöüß]{2,}(?:'[a-z]{1,2})?|I(?=\s+(?:think|used?|got|get|have)\b))"
    r"(?![A-Za-z0-9_(\[{'.])"
    r"|(?<![\\_A-Za-z])[A-Za-z]{2,}(?=\.(?:\s|\Z))|[가-힣]+",
    re.IGNORECASE,
)
_RULE_ONLY = re.compile(_RULE, re.IGNORECASE)
_FOR_ALL = re.compile(
    r"(?:[,(]\s*)?(?:for\s+(?:all|every|any|each)\s+(?:real\s+)?(?:values\s+of\s+|numbers?\s+)?"
    r"|\\forall\s*|∀\s*)\\?[A-Za-z]+(?:\s*(?:\\in(?![A-Za-z])|∈|in)\s*"
    r"(?:\\mathbb\s*\{?R\}?|\\R\b|ℝ|R\b))?\)?"
)
_OF_THE_LINE = re.compile(
    r"(?:[,(]\s*)?\\?[A-Za-z]+\s*(?:\\in(?![A-Za-z])|∈)\s*(?:\\mathbb\s*\{?R\}?|\\R\b|ℝ|R\b)\)?"
)
_LIMIT = re.compile(
    r"\\?lim(?:it)?\s*_?\s*[({]?\s*(?:\\?[A-Za-z]+)\s*(?:->|→|\\to|\\rightarrow)\s*[\w∞\\]+\s*[)}]?"
)
_ARROW = (
    r"-{1,2}>|={1,2}>|[→⇒⟹⟶⇔↦]|\\(?:Long|long)?(?:[rR]ightarrow|leftrightarrow|Leftrightarrow)"
    r"(?![A-Za-z])|\\(?:implies|to|iff|mapsto)(?![A-Za-z])|∴|\\therefore(?![A-Za-z])"
)
_BREAK = re.compile(rf"(?P<arrow>{_ARROW})|(?P<line>[\n\r]+)|(?P<comma>[,;])|(?P<stop>\.(?=\s|\Z))"
                    r"|(?P<colon>:(?!=))")  # fmt: skip
_COMPARED = re.compile(r"(?<![-=])[<>](?!-)|[≤≥≠]|!=|\\(?:neq?|leq?|geq?|lt|gt)(?![A-Za-z])")
_UNEQUAL = re.compile(r"\s*[^<>≤≥]*(?:≠|!=|\\neq?(?![A-Za-z]))[^<>≤≥]*\Z")


class Statement(NamedTuple):
    """A piece of the answer that is a formula or an equation, and what it begins behind."""

    start: int
    end: int
    behind: str
    """``arrow``, ``line``, ``comma``, ``word`` or nothing."""


class Page(NamedTuple):
    """An answer of several pieces."""

    text: str
    statements: list[Statement]
    skipped: dict[int, str]
    """What was left out, by where it began."""
    conditional: bool
    """Whether a condition such as x > 0 is among that."""


def laid_out(text: str, names: Collection[str]) -> Page:
    """The answer's formulas, without what stands around them.

    >>> page = laid_out("Then du/dx = 6x, so 30x(3x^2+1)^4 (chain rule)", ["x"])
    >>> [page.text[a:b].strip() for a, b, _ in page.statements], [*page.skipped.values()]
    (['du/dx = 6x', '30x(3x^2+1)^4'], ['Then', 'so', '(chain rule)'])
    """
    return _Sheet(text, names).page()


class _Sheet:
    def __init__(self, text: str, names: Collection[str]) -> None:
        self.source, self.text, self.names = text, text, frozenset(names)
        self.letters = {name.lower() for name in names if len(name) == 1} | {"e"}
        self.skipped: dict[int, str] = {}
        self.breaks: list[tuple[int, int, str]] = []
        self.conditional = False

    def page(self) -> Page:
        self.type()
        self.remarks()
        self.words()
        statements = self.statements()
        told = {k: text for k, text in self.skipped.items() if text.strip(" .,;:()")}
        return Page(self.text, statements, told, self.conditional)

    def put(self, start: int, end: int, text: str = "") -> None:
        self.text = self.text[:start] + text.ljust(end - start) + self.text[end:]

    def skip(self, start: int, end: int) -> None:
        self.skipped[start] = " ".join(self.source[start:end].split())
        self.put(start, end)

    def type(self) -> None:
        """What only sets type."""
        self.markup()
        self.latex()
        self.marks()

    def markup(self) -> None:
        """Tags of a page."""
        for found in _TAG.finditer(self.text):
            self.put(*found.span(), "\n" if found[1].lower() in _BLOCKS else "")
        for found in _RAISED_TAG.finditer(self.text):
            opening = "^(" if found[2].lower() == "sup" else "_{"
            self.put(*found.span(), (")" if opening == "^(" else "}") if found[1] else opening)
        for found in re.finditer("&nbsp;", self.text):
            self.put(*found.span())

    def latex(self) -> None:
        """Spaces, environments, colours, ticks, dollar signs."""
        for found in re.finditer(r"\\\\|\\(?:[,;:!> ]|q?quad(?![A-Za-z]))|~", self.text):
            if found[0] != r"\\":
                self.put(*found.span())
        for pattern in (_DECORATION, _STYLE, _MODULE):
            for found in pattern.finditer(self.text):
                self.put(*found.span())
        for found in _ENVIRONMENT.finditer(self.text):
            self.put(*found.span(), "\n")
        kept = [found.span() for found in _ROWS.finditer(self.text)]
        for found in re.finditer(r"\\\\(?:\s*\[[\d.]+\w*\])?|&", self.text):
            if not any(a <= found.start() < b for a, b in kept):
                self.put(*found.span(), "" if found[0] == "&" else "\n")
        for found in _DOLLARS.finditer(self.text):
            self.put(*found.span())

    def marks(self) -> None:
        """Markdown, primes in other characters, a point for a product."""
        for found in re.finditer(r"^\s*```\w*[^\S\n]*$", self.text, re.MULTILINE):
            self.put(*found.span())
        for found in re.finditer(r"(?:\A|(?<=\s))(`+)[^`\n]+(\1)(?=[\s.,;:]|\Z)", self.text):
            self.put(*found.span(1))
            self.put(*found.span(2))
        for found in re.finditer(r"\\'|(?<=[A-Za-z)])[`´]", self.text):
            self.put(*found.span(), " '" if found[0][0] == "\\" else "'")
        for found in re.finditer(r"`+|(?m:^\s*>\s)", self.text):
            self.put(*found.span())
        for found in re.finditer(r"(?:\A|(?<=[\s:(]))\*\*(?=\S)(.+?)(?<=\S)\*\*(?=[\s.,;:)]|\Z)",
                                 self.text):  # fmt: skip
            self.put(found.start(), found.start() + 2)
            self.put(found.end() - 2, found.end())
        for found in re.finditer(r"(?<=\s)\.(?=\s)", self.text):  # 2x . sin x
            around = (
                self.text[: found.start()].rstrip()[-1:] + self.text[found.end() :].lstrip()[:1]
            )
            if len(around) == 2 and not around.isdigit():
                self.put(*found.span(), "*")

    def remarks(self) -> None:
        """Reasons, conditions on the whole line, limits, and numbers of a list."""
        for found in _SPOKEN.finditer(self.text):
            if " " in found[1] or found[1].lower().strip(" ,.:") in _PROSE | {""} | _KOREAN:
                self.put(
                    found.start(), found.end(), " " * (found.start(1) - found.start()) + found[1]
                )
        label = _LABEL.match(self.text)
        if label and (label[1] or label[2] or "Q") not in self.names:
            self.skip(label.start(), label.end())
        depth, start = 0, 0
        for k, sign in enumerate(self.text):
            if sign == "(":
                start = k if depth == 0 else start
                depth += 1
            elif sign == ")" and depth:
                depth -= 1
                if depth == 0:
                    self.remark(start, k + 1)
        for pattern in (_FOR_ALL, _OF_THE_LINE, _COMMENT):
            for found in pattern.finditer(self.text):
                self.skip(*found.span())
        for found in _LIMIT.finditer(self.text):
            end = self.text.find("=", found.end())
            if end > 0:
                self.skip(found.start(), end)

    def remark(self, start: int, end: int) -> None:
        """A bracket that holds only words, or a condition."""
        inner = self.text[start + 1 : end - 1]
        rest = _WORD.sub(lambda m: "" if self.prose(m[0]) else m[0], inner)
        apart = self.text[start - 1 : start] in " ;" and "(" not in inner
        said = not rest.strip(" .,!:") or _REASON.match(inner)
        if said or (apart and _UNEQUAL.match(inner)):
            self.skip(start, end)

    def prose(self, word: str) -> bool:
        if word in self.names or {*word.lower()} <= self.letters:  # x·y·z may look like a word
            return False
        if word == "I" or _RULE_ONLY.match(word):
            return True
        return word.lower() in _PROSE or word in _KOREAN

    def words(self) -> None:
        """Words stand between formulas, as lines do."""
        for found in _WORD.finditer(self.text):
            if self.prose(found[0]):
                self.breaks.append((*found.span(), "word"))
                self.skip(*found.span())
        runs: dict[int, str] = {}
        last = -2
        for start, text in sorted(self.skipped.items()):  # one remark of words side by side
            if runs and self.source[last:start].isspace():
                first = next(reversed(runs))
                runs[first] = f"{runs[first]} {text}"
            else:
                runs[start] = text
            last = start + len(text)
        self.skipped = runs

    def statements(self) -> list[Statement]:
        depth, depths = 0, []
        for sign in self.text:
            depth += (sign in "([{") - (sign in ")]}")
            depths.append(depth)
        kept = [found.span() for found in _ROWS.finditer(self.text)]
        for found in _BREAK.finditer(self.text):
            at, kind = found.start(), found.lastgroup or ""
            if depths[at] > 0 or any(a <= at < b for a, b in kept):
                continue
            before, after = self.text[:at][-1:], self.text[found.end() :][:1]
            if kind == "comma" and before.isdigit() and after.isdigit():
                continue
            self.breaks.append((at, found.end(), kind))
        statements, start, behind = [], 0, ""
        for a, b, kind in [*sorted(self.breaks), (len(self.text), len(self.text), "")]:
            piece = self.text[start:a].strip()
            if piece and kind == "colon" and derivative_in(piece):
                self.put(a, b, "=")
                continue
            if piece.strip(" .!"):
                statements.append(Statement(start, a, behind))
                behind = ""
            order = ("arrow", "colon", "line", "word", "comma", "stop", "")
            behind = min(behind, kind, key=order.index) if behind else kind
            start = b
        return [s for s in statements if not self.condition(s)]

    def condition(self, s: Statement) -> bool:
        """Whether this says where the answer holds."""
        piece = self.text[s.start : s.end]
        outside = piece.strip()
        if outside[:1] != "(" or outside[-1:] != ")":  # where(x > 0, 1, 0) is a value
            outside = re.sub(r"\([^()]*\)", "", outside)
        if not _COMPARED.search(outside) or "\\begin" in piece or "=" in piece.replace("!=", ""):
            return False
        self.conditional = self.conditional or _UNEQUAL.match(piece) is None
        self.skipped[s.start] = " ".join(self.source[s.start : s.end].split())
        return True
