from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.storage.checksum import ALGORITHMS, Checksum
from scoring.errors import InputError, UnknownChoice


@given(st.sampled_from(sorted(ALGORITHMS)), st.binary(), st.binary(min_size=1))
def test_a_checksum_fits_its_bytes_and_no_others(algorithm: str, data: bytes, more: bytes) -> None:
    digest = hashlib.new(algorithm, data).digest()
    checksum = Checksum.parse(f"{algorithm} {base64.b64encode(digest).decode()}")
    found = ALGORITHMS[algorithm]()
    found.update(data)
    assert checksum.fits(found)
    found.update(more)
    assert not checksum.fits(found)


def test_the_example_of_the_tus_specification() -> None:
    found = ALGORITHMS["sha1"]()
    found.update(b"hello world")
    assert Checksum.parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").fits(found)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha1",
        "sha1 ",
        "sha1 ***",
        "sha1 Kq5sNclPz7QV",
        "md5 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
    ],
)
def test_a_header_that_does_not_read_is_refused(header: str) -> None:
    with pytest.raises(InputError):
        Checksum.parse(header)


def test_an_algorithm_we_do_not_have_is_answered_with_those_we_have() -> None:
    with pytest.raises(UnknownChoice, match="md5, sha1, sha256"):
        Checksum.parse("crc32 AAAAAA==")
