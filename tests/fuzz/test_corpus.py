"""Whatever a fuzzer has found, once more: everything is read or refused in words."""

from __future__ import annotations

import time

import pytest
from fuzz.search import NAMES, read_corpus
from fuzz.targets import TARGETS, run


def test_every_target_has_a_corpus() -> None:
    assert set(NAMES) == set(TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_corpus(name: str) -> None:
    for data in read_corpus(name):
        before = time.process_time()
        run(name, data)
        assert time.process_time() - before < 20, data
