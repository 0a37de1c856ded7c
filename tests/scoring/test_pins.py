"""The strict reading of rows of published files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.pins import UNSAFE_SUFFIXES, PinnedFile, is_plain_path, is_unsafe, read_pin, read_row

ROW: dict[str, Any] = {"repository": "a/b", "path": "c/d.json", "verified": False, "source": "somebody"}
FULL = {**ROW, "licence": "MIT", "revision": "0" * 40, "sha256": "a" * 64, "size_bytes": 3, "about_bytes": 4}

parts = st.text("abc-_. ", min_size=1, max_size=8).filter(lambda part: part not in (".", ".."))


def test_a_row_that_says_all_is_read_as_it_stands() -> None:
    pin = read_pin(FULL, PinnedFile, "t.toml")
    assert {name: getattr(pin, name) for name in FULL} == FULL


def test_what_is_left_out_is_null() -> None:
    pin = read_pin(ROW, PinnedFile, "t.toml")
    assert (pin.licence, pin.revision, pin.sha256, pin.size_bytes, pin.about_bytes) == (None,) * 5


def test_a_rounded_size_counts_only_where_there_is_no_exact_one() -> None:
    assert read_pin(FULL, PinnedFile, "t").expected_bytes == 3
    assert read_pin({**ROW, "about_bytes": 4}, PinnedFile, "t").expected_bytes == 4
    assert read_pin(ROW, PinnedFile, "t").expected_bytes is None


@given(st.sampled_from(sorted(ROW)))
def test_no_needed_field_may_be_missing(name: str) -> None:
    with pytest.raises(ValueError, match=f"t.toml: a row has no {name}"):
        read_pin({key: value for key, value in FULL.items() if key != name}, PinnedFile, "t.toml")


@given(st.text(min_size=1).filter(lambda name: name not in FULL))
def test_no_field_may_be_unknown(name: str) -> None:
    with pytest.raises(ValueError, match="is no field"):
        read_pin({**FULL, name: 1}, PinnedFile, "t.toml")


@given(st.sampled_from(sorted(FULL)), st.sampled_from([1, 1.5, True, "x", [], {}, b""]))
def test_a_value_of_another_kind_is_refused(name: str, value: object) -> None:
    if type(value) is type(FULL[name]):
        return
    with pytest.raises(ValueError, match=f"t.toml: {name} is "):
        read_pin({**FULL, name: value}, PinnedFile, "t.toml")


@given(st.text("0123456789abcdefgABC-", max_size=70))
def test_a_hash_is_64_hex_digits_and_a_revision_40(text: str) -> None:
    for name, length in (("sha256", 64), ("revision", 40)):
        row = {**FULL, name: text}
        if len(text) == length and set(text) <= set("0123456789abcdef"):
            read_pin(row, PinnedFile, "t")
        else:
            with pytest.raises(ValueError, match=f"{length} hex digits"):
                read_pin(row, PinnedFile, "t")


@given(st.integers(max_value=0), st.sampled_from(["size_bytes", "about_bytes"]))
def test_a_size_is_above_nothing(size: int, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_pin({**FULL, name: size}, PinnedFile, "t")


@given(st.lists(parts, min_size=1, max_size=4))
def test_a_path_inside_is_plain_and_one_that_leaves_is_not(inside: list[str]) -> None:
    path = "/".join(inside)
    assert is_plain_path(path)
    for outside in (
        f"/{path}",
        f"../{path}",
        f"{path}/..",
        f"./{path}",
        f"{path}/",
        f"C:{path}",
        f"..\\{path}",
        f"{path}\0",
    ):
        assert not is_plain_path(outside)


@pytest.mark.parametrize("path", ["../x.json", "/etc/passwd", "a//b.json", "", "a\\b.json", "c:x.json"])
def test_a_row_whose_path_leaves_the_repository_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="inside the repository"):
        read_pin({**ROW, "path": path}, PinnedFile, "t")


@given(st.sampled_from(UNSAFE_SUFFIXES), st.booleans())
def test_what_can_run_when_opened_is_refused_by_its_name(suffix: str, loud: bool) -> None:
    path = f"model{suffix.upper() if loud else suffix}"
    assert is_unsafe(path)
    with pytest.raises(ValueError, match="can run a program"):
        read_pin({**ROW, "path": path}, PinnedFile, "t")


@pytest.mark.parametrize("repository", ["a", "a/b/c", "a b/c", "/b", "a/", "https://x/y"])
def test_a_repository_has_an_owner_and_a_name(repository: str) -> None:
    with pytest.raises(ValueError, match="owner/name"):
        read_pin({**ROW, "repository": repository}, PinnedFile, "t")


def test_nothing_without_a_hash_can_be_verified() -> None:
    with pytest.raises(ValueError, match="called verified and has no sha256"):
        read_pin({**ROW, "verified": True}, PinnedFile, "t")


@dataclass(frozen=True)
class Sample:
    kind: Literal["a", "b"]
    mean: tuple[float, float] | None = None
    given: int = 0


def test_choices_lists_and_given_fields_are_read() -> None:
    assert read_row({"kind": "a", "mean": [0.5, 1.0]}, Sample, "t", given={"given": 7}) == Sample("a", (0.5, 1.0), 7)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "c"}, "expected 'a' or 'b'"),
        ({"kind": "a", "mean": [0.5]}, "expected a list of 2 float"),
        ({"kind": "a", "mean": [0.5, 1]}, "expected a list of 2 float"),
        ({"kind": "a", "given": 3}, "given is no field"),
    ],
)
def test_choices_lists_and_given_fields_are_refused_where_they_do_not_fit(row: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_row(row, Sample, "t", given={"given": 7})
