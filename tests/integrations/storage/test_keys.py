from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.storage.keys import check_key, check_prefix
from scoring.errors import InputError

ALLOWED = string.ascii_letters + string.digits + "._-"
segments = st.text(ALLOWED, min_size=1, max_size=20).filter(lambda text: not text.startswith("."))
keys = st.lists(segments, min_size=1, max_size=6).map("/".join)


@given(keys)
def test_what_a_server_makes_is_a_key(key: str) -> None:
    assert "/".join(check_key(key)) == key
    assert check_prefix(key) == check_prefix(f"{key}/") == check_key(key)


@given(
    st.one_of(
        st.text(), st.text(ALLOWED + "/."), st.lists(st.sampled_from(["..", ".", "", "a", "~", "C:"])).map("/".join)
    )
)
def test_whatever_is_taken_stays_below_the_root(text: str) -> None:
    try:
        found = check_key(text)
    except InputError:
        return
    root = "/srv/storage"
    path = os.path.normpath(os.path.join(root, text))  # noqa: PTH118 - as an attacker's path would be joined
    assert path == f"{root}/{text}"
    assert path.startswith(f"{root}/")
    assert Path(root).joinpath(*found) == Path(path)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= 512
    assert not any(segment.startswith(".") for segment in found)


@given(keys, st.sampled_from(["\0", "\n", " ", "\\", ":", "%", "*", "é", "\u2028", "..", "//"]), st.integers(0, 30))
def test_one_bad_character_anywhere_spoils_a_key(key: str, bad: str, at: int) -> None:
    spoilt = f"{key[:at]}/{bad}/{key[at:]}" if bad == ".." else key[:at] + bad + key[at:]
    with pytest.raises(InputError):
        check_key(spoilt)


@pytest.mark.parametrize(
    "key", ["a" * 129, "/".join(["a" * 100] * 6), "", "/", "a/", "/a", ".", "..", ".a", "a/.b", "a\n"]
)
def test_a_key_that_is_none_is_said_with_what_is_allowed(key: str) -> None:
    with pytest.raises(InputError, match="Segments of 1 to 128") as caught:
        check_key(key)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("key", ["a" * 128, "a", "-a", "_", "a..b", "A.b-c_d/0"])
def test_the_edges_of_what_is_allowed(key: str) -> None:
    assert "/".join(check_key(key)) == key


def test_an_empty_prefix_is_everything() -> None:
    assert check_prefix("") == ()
    with pytest.raises(InputError):
        check_prefix("a//")
