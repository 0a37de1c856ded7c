from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.encoding import decode
from scoring.errors import TextError

SIMPLIFIED = "1\n00:00:01,000 --> 00:00:02,000\n我们是不是要回家了？他在这里等你，你说好不好？\n"
TRADITIONAL = "1\n00:00:01,000 --> 00:00:02,000\n我們是不是要回家了？他在這裡等你，你說好不好？\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "gb18030"])
def test_chinese_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert decode(SIMPLIFIED.encode(encoding), "a.srt").text == SIMPLIFIED


def test_big5_is_told_from_gb18030() -> None:
    assert decode(TRADITIONAL.encode("big5"), "a.srt").text == TRADITIONAL
    assert decode(TRADITIONAL.encode("big5"), "a.srt").encoding == "big5"
    assert decode(SIMPLIFIED.encode("gb18030"), "a.srt").encoding == "gb18030"


def test_old_western_files_are_read_too() -> None:
    text = "The café was naïve – “déjà vu”, señor.\n"
    decoded = decode(text.encode("cp1252"), "a.srt")
    assert (decoded.text, decoded.encoding) == (text, "cp1252")


def test_windows_and_old_line_ends_are_line_ends() -> None:
    assert decode(b"a\r\nb\rc\n", "a.srt").text == "a\nb\nc\n"


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        decoded = decode(data, "a.srt")
    except TextError:
        return
    assert not {"\0", "\r"} & set(decoded.text)
