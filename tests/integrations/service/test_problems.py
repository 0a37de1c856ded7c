"""Errors survive their way through JSON."""

from __future__ import annotations

import json

import pytest

import scoring.errors as tree
from integrations.service.problems import code_of, error_of, problem_of
from scoring.errors import CuesmithError

KINDS = [kind for kind in vars(tree).values() if isinstance(kind, type) and issubclass(kind, CuesmithError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_comes_back_as_itself(kind: type[CuesmithError]) -> None:
    error = kind("what", "advice")
    again = error_of(json.loads(json.dumps(problem_of(error))))
    assert type(again) is kind
    assert (again.what, again.advice) == ("what", "advice")


def test_codes_are_words_and_differ() -> None:
    codes = [code_of(kind) for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.replace("_", "").isalpha() for code in codes)


def test_an_error_of_a_newer_version_is_still_an_error() -> None:
    assert type(error_of({"code": "from_the_future", "what": "x"})) is CuesmithError
