"""The built-in examples run, verify, and show the numbers that their sources print."""

from __future__ import annotations

from fractions import Fraction

import pytest

from graphdiff.errors import UnknownName
from graphdiff.program import gallery

# As printed, so that the number of printed digits is known.  A printed p with k decimals agrees
# when |p − exact| ≤ 0.5·10^−k.  "local" is keyed by gate/operand.
PUBLISHED: dict[str, dict[str, dict[str, str]]] = {
    "cs231n-mul": {
        "values": {"f": "-12"},
        "grads": {"x": "-3", "y": "4"},
    },
    "cs231n-max": {
        "values": {"f": "4"},
        "grads": {"x": "1", "y": "0"},
    },
    "cs231n-add-mul": {
        "values": {"q": "3", "f": "-12"},
        "grads": {"f": "1", "q": "-4", "z": "3", "x": "-4", "y": "-4"},
    },
    "cs231n-sigmoid-gates": {
        "values": {
            "m0": "-2.00",
            "m1": "6.00",
            "a0": "4.00",
            "s": "1.00",
            "n": "-1.00",
            "e": "0.37",
            "d": "1.37",
            "f": "0.73",
        },
        "grads": {
            "w0": "-0.20",
            "x0": "0.39",
            "w1": "-0.39",
            "x1": "-0.59",
            "w2": "0.20",
            "m0": "0.20",
            "m1": "0.20",
            "a0": "0.20",
            "s": "0.20",
            "n": "-0.20",
            "e": "-0.53",
            "d": "-0.53",
            "f": "1.00",
        },
    },
    "cs231n-sigmoid-fused": {
        "values": {"f": "0.73"},
        "grads": {"dot": "0.2"},
    },
    "cs231n-staged": {},
    "cs231n-gates": {
        "values": {"m": "-12.00", "r": "2.00", "a": "-10.00", "f": "-20.00"},
        "grads": {
            "x": "-8.00",
            "y": "6.00",
            "z": "2.00",
            "w": "0.00",
            "m": "2.00",
            "r": "2.00",
            "a": "2.00",
            "f": "1.00",
        },
    },
    "gate-add": {
        "values": {"z": "7"},
        "grads": {"z": "2", "a": "2", "b": "2"},
    },
    "gate-mul": {
        "values": {"z": "6"},
        "grads": {"z": "5", "a": "15", "b": "10"},
    },
    "gate-max": {
        "values": {"z": "5"},
        "grads": {"z": "9", "a": "0", "b": "9"},
    },
    "cs231n-hinge-1": {
        "values": {"h1": "0", "h2": "8", "L": "8"},
    },
    "micrograd-readme": {
        "values": {"g": "24.7041"},
        "grads": {"a": "138.8338", "b": "645.5773"},
    },
    "micrograd-L": {
        "values": {"e": "-6", "d": "4", "L": "-8.0"},
        "grads": {"L": "1", "d": "-2", "f": "4", "c": "-2", "e": "-2", "a": "6", "b": "-4"},
    },
    "micrograd-neuron": {
        "values": {
            "x1w1": "-6.0",
            "x2w2": "0.0",
            "t": "-6.0",
            "n": "0.8813735870195432",
            "o": "0.7071067811865476",
        },
        "grads": {
            "o": "1.0",
            "n": "0.5",
            "b": "0.5",
            "t": "0.5",
            "x1w1": "0.5",
            "x2w2": "0.5",
            "x1": "-1.5",
            "w1": "1.0",
            "x2": "0.5",
            "w2": "0.0",
        },
    },
    "micrograd-fork": {
        "values": {"b": "6"},
        "grads": {"b": "1", "a": "2"},
    },
    "hackers-mul": {
        "values": {"f": "-6"},
        "grads": {"x": "3.0", "y": "-2.0"},
    },
    "hackers-circuit": {
        "values": {"q": "3", "f": "-12"},
        "grads": {"x": "-4", "y": "-4", "z": "3"},
    },
    "hackers-sigmoid3": {
        "values": {"f": "0.95"},
    },
    "colah": {
        "values": {"c": "3", "d": "2", "e": "6"},
        "grads": {"e": "1", "c": "2", "d": "3", "a": "2", "b": "5"},
        "local": {"c/a": "1", "c/b": "1", "d/b": "1", "e/c": "2", "e/d": "3"},
    },
    "mazur": {
        "values": {
            "neth1": "0.3775",
            "outh1": "0.593269992",
            "outh2": "0.596884378",
            "neto1": "1.105905967",
            "outo1": "0.75136507",
            "outo2": "0.772928465",
            "E1": "0.274811083",
            "E2": "0.023560026",
            "E": "0.298371109",
        },
        "grads": {
            "outo1": "0.74136507",
            "neto1": "0.138498562",
            "w5": "0.082167041",
            "outh1": "0.036350306",
            "w1": "0.000438568",
        },
        "local": {"outo1/neto1": "0.186815602", "outh1/neth1": "0.241300709"},
    },
    "ng-J": {
        "values": {"u": "6", "v": "11", "J": "33"},
        "grads": {"v": "3", "a": "3", "u": "3", "b": "6", "c": "9"},
    },
    "saito-apple": {
        "values": {"apple_price": "200", "price": "220"},
        "grads": {"price": "1", "apple_price": "1.1", "tax": "200", "apple": "2.2", "n": "110"},
    },
    "saito-apple-orange": {
        "values": {"apple_price": "200", "orange_price": "450", "all_price": "650", "price": "715"},
        "grads": {
            "apple_num": "110",
            "apple": "2.2",
            "orange": "3.3",
            "orange_num": "165",
            "tax": "650",
            "all_price": "1.1",
            "apple_price": "1.1",
            "orange_price": "1.1",
        },
    },
    "saito-quad": {
        "values": {"f": "25"},
        "grads": {"x0": "6", "x1": "8"},
    },
    "saito-numdiff": {
        "values": {"f": "0.75"},
        "grads": {"x": "0.2"},
    },
    "cppad-exp2": {
        "values": {"v1": "0.5", "v2": "1.5", "v3": "0.25", "v4": "0.125", "v5": "1.625"},
        "grads": {"v5": "1", "v2": "1", "v4": "1", "v3": "0.5", "v1": "1.5"},
    },
    "nielsen-neuron": {
        "values": {"a": "0.82"},
    },
    "nielsen-saturated": {
        "values": {"a": "0.98"},
    },
    "autograd-example": {
        "values": {"f": "24.9989554697"},
        "grads": {"x": "-9.57436618465"},
    },
}

# CS231n's "staged" prints no numbers; the two that students repeat are not the source's.
WITHOUT_NUMBERS = {"cs231n-staged"}


def agrees(printed: str, value: float | Fraction) -> bool:
    """Whether a printed decimal is a correct rounding of the value (half a unit either way)."""
    decimals = len(printed.partition(".")[2])
    # A printed number with 10 or more decimals is itself a double; allow its last bit.
    slack = Fraction(1, 10**15) if decimals >= 10 else 0
    return abs(Fraction(printed) - Fraction(value)) <= Fraction(1, 2 * 10**decimals) + slack


def test_every_example_has_its_published_numbers_listed_here() -> None:
    assert set(gallery.names()) == set(PUBLISHED)
    assert {name for name, numbers in PUBLISHED.items() if not numbers} == WITHOUT_NUMBERS


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_values(name: str) -> None:
    trace = gallery.load(name).trace()
    for node, printed in PUBLISHED[name].get("values", {}).items():
        assert agrees(printed, trace[node].value), (node, printed, trace[node].value)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_gradients(name: str) -> None:
    trace = gallery.load(name).trace()
    for node, printed in PUBLISHED[name].get("grads", {}).items():
        assert agrees(printed, trace[node].gradient), (node, printed, trace[node].gradient)


@pytest.mark.parametrize("name", [n for n, numbers in PUBLISHED.items() if "local" in numbers])
def test_published_local_gradients(name: str) -> None:
    trace = gallery.load(name).trace()
    for edge, printed in PUBLISHED[name]["local"].items():
        gate, operand = edge.split("/")
        view = trace[gate]
        position = view.operands.index(trace[operand].id)
        assert agrees(printed, view.locals[position]), (edge, printed)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_example_verifies(name: str) -> None:
    assert gallery.load(name).trace().verify().ok


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_example_says_where_it_comes_from(name: str) -> None:
    example = gallery.load(name)
    assert example.title != name
    assert example.source and example.at and example.program


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="there is no example 'colha'") as caught:
        gallery.load("colha")
    assert caught.value.hint == "did you mean 'colah'?"


def test_a_name_like_nothing_points_to_the_list() -> None:
    with pytest.raises(UnknownName) as caught:
        gallery.load("../../etc/passwd")
    assert caught.value.hint == "graphdiff gallery lists all examples"


def test_a_comment_that_is_no_header_stays_in_the_program() -> None:
    example = gallery.read("mine", "# title: T\n# fuse: sigmoid\n# plain words\nf = x # end\n")
    assert example.fuse == "sigmoid"
    assert example.program == "# plain words\nf = x # end"


def test_a_misprint_is_not_reproduced() -> None:
    """Karpathy's guide prints 0.0475, computed from the rounded 0.95."""
    gradient = gallery.load("hackers-sigmoid3").trace().gradients["x"]
    assert not agrees("0.0475", gradient)
    assert agrees("0.0452", gradient)
