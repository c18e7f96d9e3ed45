"""What people write out of habit: NumPy, LaTeX, mathematics by hand; and what it is here.

Each habit is rewritten in the text.  What is suggested is the whole text, and only if it can be
read: no hint leads into the next error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

__all__ = ["rewritings"]

LONGEST = 400
"""Characters of a text for which a whole one is suggested."""
_MODULES = r"(?:numpy|np|jnp|math|cmath|torch|tf|sympy|sp|scipy|jax|nn|F)"
_CALLED = {
    "matmul": "({0})@({1})", "mm": "({0})@({1})", "mv": "({0})@({1})",
    "pow": "({0})^({1})", "power": "({0})^({1})", "square": "({0})^2",
    "add": "({0})+({1})", "multiply": "({0})*({1})",
    "subtract": "({0})-({1})", "divide": "({0})/({1})", "t": "({0}).T", "transpose": "({0}).T",
    "fmod": "mod({0}, {1})", "array": "{0}", "tensor": "{0}",
    "erfc": "1 - erf({0})", "item": "{0}",
    "reciprocal": "1/({0})",
}  # fmt: skip
"""Functions of other languages, and what they are here."""
_BASES = {"2": "log2({0})", "10": "log10({0})", "e": "log({0})"}
_ATOM = r"[^\W\d]\w*(?:\.T\b)?|\d+(?:\.\d+)?"
_NUMPY_DOT = re.compile(rf"\b{_MODULES}\.(?:dot|mm|mv)\s*\(")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_SUBSTITUTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\\(?:left|right|bigl|bigr|,|;|!|:|displaystyle)(?![A-Za-z])", ""),
        (r"\\(?:cdot|times)(?![A-Za-z])", "*"),
        (r"\\(?:mathrm|operatorname|text)\s*\{(\w+)\}", r"\1"),
        (r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)"),
        (r"_\{(\w+)\}", r"_\1"),
        (r"\^\s*\{([^{}]*)\}", r"^(\1)"),
        (r"\{([^{}]*)\}", r"(\1)"),
        (r"\\([A-Za-z]+)(?![A-Za-z])(?=\s*[A-Za-z0-9\\])", r"\1 "),
        (r"\\([A-Za-z]+)", r"\1"),
        (r"\$", ""),
        (r":=", "="),
        (r"^\s*(?:def\s+)?(\w+)\s*\([\w\s,]*\)\s*:\s*return\b\s*", r"\1 = "),
        (r"^\s*(?:return\b|print\b)", ""),
        (r"(=\s*)lambda\s+[\w\s,]*:", r"\1"),
        (r"^\s*lambda\s+[\w\s,]*:", ""),
        (
            r"^(\s*)([^\W\d]\w*)\s*\(\s*[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*\s*\)\s*=(?!=)\s*",
            r"\1\2 = ",
        ),
        (r"(\d+(?:\.\d+)?)\s*%(?!\s*[\w(])", r"(\1/100)"),
        (rf"\b{_MODULES}(?:\.functional|\.linalg|\.special)?\.(pi|e)\b", r"\1"),
        (rf"\b{_MODULES}(?:\.functional|\.linalg|\.special)?\.(\w+)(?=\s*\()", r"\1"),
        (rf"({_ATOM})\s*(?:\bmod\b|%)\s*({_ATOM})", r"mod(\1, \2)"),
        (rf"({_ATOM})\s*//\s*({_ATOM})", r"floor(\1/\2)"),
        (r"^(.+?)\s+if\s+(.+?)\s+else\s+(.+)$", r"where(\2, \1, \3)"),
        (r"^([^?]+)\?([^:]+):(.+)$", r"where(\1,\2,\3)"),
        (r"\b(sqrt|cbrt)\s*\[\s*(\d+)\s*\]\s*\(", r"root\2("),
    )
)


def rewritings(text: str, functions: Collection[str]) -> Iterator[str]:
    """The text as it may have been meant, the likeliest first; the caller tries them.

    >>> from graphdiff.core.ops import STANDARD
    >>> next(rewritings("tan^2(x) + np.exp(x)", STANDARD))
    'tan(x)^2 + exp(x)'
    """
    if len(text) > LONGEST:
        return
    changed = _decimals(text)
    for _ in range(3):
        before = changed
        changed = _FRACTION.sub(r"((\1)/(\2))", _NUMPY_DOT.sub("matmul(", changed))
        for pattern, instead in _SUBSTITUTIONS:
            changed = pattern.sub(instead, changed)
        changed = _each_call(changed, functions)
        changed = _bare(changed, functions)
        if changed == before:
            break
    if changed != text:
        yield " ".join(changed.split())


def _decimals(text: str) -> str:
    """``0,5`` as 0.5, outside all brackets."""
    kept, depth = [], 0
    for k, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        between = text[k - 1 : k].isdigit() and text[k + 1 : k + 2].isdigit()
        kept.append("." if sign == "," and not depth and between else sign)
    return "".join(kept)


def _each_call(text: str, functions: Collection[str]) -> str:
    """Calls of methods and functions of other languages, powers between a name and its bracket."""
    for rule in (_method, _foreign, _power, _logarithm, _loud):
        for _ in range(20):
            changed = rule(text, functions)
            if changed is None or changed == text:
                break
            text = changed
    return text


_AS_PRODUCT = {"dot": "matmul", "mm": "matmul", "mv": "matmul"}
"""NumPy's dot multiplies matrices, ours takes two vectors."""
_METHOD = re.compile(rf"({_ATOM}|\))\.([a-z_]+)\s*\(")


def _method(text: str, functions: Collection[str]) -> str | None:
    """``W.dot(x)``, ``x.sum()``."""
    found = _METHOD.search(text)
    if found is None:
        return None
    closing = _closing(text, found.end() - 1)
    start = found.start() if found[1] != ")" else _opening(text, found.start())
    name, inner = _AS_PRODUCT.get(found[2], found[2]), text[found.end() : closing]
    if name not in functions and name not in _CALLED:
        return None
    arguments = [text[start : found.end(1)], *([inner] if inner.strip() else [])]
    return f"{text[:start]}{name}({', '.join(arguments)}){text[closing + 1 :]}"


def _foreign(text: str, functions: Collection[str]) -> str | None:
    """``mod(x, 3)``, ``power(x, 2)``."""
    for found in re.finditer(r"(?<![\w.])([a-z]+)\s*\(", text):
        told = _CALLED.get(found[1])
        if told is None or (found[1] in functions and found[1] != "matmul"):
            continue
        closing = _closing(text, found.end() - 1)
        arguments = _apart(text[found.end() : closing])
        if len(arguments) == len(set(re.findall(r"\{(\d)\}", told))):
            plain = re.sub(r"(?<!\w)\((\{\d\})\)", _bracket(arguments), told).format(*arguments)
            before, behind = text[: found.start()], text[closing + 1 :]
            alone = told == "{0}" or (before.rstrip()[-1:] in ("", "=") and not behind.strip())
            return f"{before}{plain if alone else f'({plain})'}{behind}"
    return None


def _bracket(arguments: list[str]) -> Callable[[re.Match[str]], str]:
    """Leaves out the brackets around names and numbers."""
    return lambda m: m[1] if re.fullmatch(_ATOM, arguments[int(m[1][1])]) else m[0]


def _power(text: str, functions: Collection[str]) -> str | None:
    """``tan^2(x)``, ``sin^2 x``; the power −1 is an inverse or a reciprocal: not guessed."""
    found = re.search(r"(?<![\w.])([a-z]+)\s*(?:\^|\*\*)\s*\(?(\d+)\)?\s*(?:(\()|(\w+))", text)
    if found is None or found[1] not in functions:
        return None
    if found[4]:
        return f"{text[: found.start()]}{found[1]}({found[4]})^{found[2]}{text[found.end() :]}"
    closing = _closing(text, found.start(3))
    inner = text[found.start(3) : closing + 1]
    return f"{text[: found.start()]}{found[1]}{inner}^{found[2]}{text[closing + 1 :]}"


def _logarithm(text: str, functions: Collection[str]) -> str | None:
    """``log_5(x)``, ``log(x, 5)``."""
    found = re.search(r"\blog_\(?(\w+)\)?\s*\(", text) or re.search(r"\blog()\s*\(", text)
    if found is None:
        return None
    closing = _closing(text, found.end() - 1)
    arguments = _apart(text[found.end() : closing])
    base = found[1] or (arguments[1] if len(arguments) == 2 else "")
    if not base or len(arguments) > 2:
        return None
    made = _BASES.get(base, f"log({{0}})/log({base})").format(arguments[0])
    beside = text[: found.start()].strip()[-1:] in ("/", "^", "*") or "^" in text[closing + 1 :][:2]
    return f"{text[: found.start()]}{f'({made})' if beside else made}{text[closing + 1 :]}"


def _loud(text: str, functions: Collection[str]) -> str | None:
    """``Sin(x)``, ``SIN(x)``."""
    for found in re.finditer(r"(?<![\w.])([A-Za-z]+)(?=\s*\()", text):
        name = found[1]
        if name not in functions and name.lower() in functions:
            return text[: found.start()] + name.lower() + text[found.end() :]
    return None


def _bare(text: str, functions: Collection[str]) -> str:
    """``sin x``, ``\\sin x`` without its backslash."""

    def called(found: re.Match[str]) -> str:
        return f"{found[1]}({found[2]})" if found[1] in functions else found[0]

    # sin x^2 and ln x/2 are read in two ways: not guessed.
    alone = r"(?<![\w.])([a-z]{2,}\d*)\s+(\d*[^\W\d]\w*|\d+)(?![\w(]|\s*(?:\^|\*\*|/|[²³⁴-⁹]))"
    return re.sub(alone, called, text)


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at this place is closed, or the end of the text."""
    depth = 0
    for k in range(start, len(text)):
        depth += (text[k] in "([") - (text[k] in ")]")
        if not depth:
            return k
    return len(text)


def _opening(text: str, end: int) -> int:
    """Where the bracket that is closed at this place opens."""
    depth = 0
    for k in range(end, -1, -1):
        depth += (text[k] in ")]") - (text[k] in "([")
        if not depth:
            name = re.search(r"\w*\Z", text[:k])
            return k if name is None else name.start()
    return 0


def _apart(text: str) -> list[str]:
    """The arguments of a call."""
    parts, depth, start = [], 0, 0
    for k, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append(text[start:k].strip())
            start = k + 1
    return [*parts, text[start:].strip()]
