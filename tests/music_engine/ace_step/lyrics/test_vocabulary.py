from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lyric_vocabulary import vocabulary, vocabulary_bytes, write_vocabulary
from web_server import serving

from music_engine.ace_step.lyrics import LyricTokenizer, check_vocabulary, fetch_vocabulary
from music_engine.ace_step.lyrics import vocabulary as vocabulary_module
from music_engine.ace_step.lyrics.tables import vocabulary_facts
from music_engine.ace_step.lyrics.vocabulary import licence
from scoring.errors import CheckpointRefused, EngineUnavailable, FetchFailed, InputError, OutputRefused

GOOD = vocabulary_bytes()
PAGE = b"<!DOCTYPE html><html><body>Not here</body></html>"


def test_a_vocabulary_is_fetched_whole_and_read(tmp_path: Path) -> None:
    with serving(GOOD) as url:
        path = fetch_vocabulary(tmp_path / "made" / "here", accepts_licence=True, url=url)
    assert path.read_bytes() == GOOD
    assert [file.name for file in path.parent.iterdir()] == ["vocab.json"]
    assert LyricTokenizer(path).encode("[inst]").ids == (261, 259, 6688, 2)


def test_nothing_is_fetched_before_the_licence_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"commercial use.*--accept-licence"):
        fetch_vocabulary(tmp_path, accepts_licence=False, url="http://127.0.0.1:1/")
    assert "non-commercial" in licence()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (PAGE, "a web page"),
        (GOOD[: len(GOOD) // 2], "no whole JSON file"),
        (b"[1, 2]", "a JSON list"),
        (b'{"model": {"type": "BPE", "vocab": {}, "merges": []}, "added_tokens": []}', "entries: 0"),
        (b"", "no whole JSON file"),
        (b"\xff\xfe", "no whole JSON file"),
        (b"[" * 200_000, "no whole JSON file"),
    ],
    ids=["page", "cut", "list", "empty vocabulary", "nothing", "not UTF-8", "deep"],
)
def test_what_is_not_the_vocabulary_is_refused_and_nothing_is_left(tmp_path: Path, body: bytes, found: str) -> None:
    with serving(body) as url, pytest.raises(CheckpointRefused, match=found):
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)
    assert not list(tmp_path.iterdir())


def test_one_that_breaks_off_is_refused(tmp_path: Path) -> None:
    with serving(GOOD[:1000], announced=len(GOOD)) as url, pytest.raises(FetchFailed, match="1000 of"):
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("announced", [None, 10**9])
def test_one_that_is_too_large_is_refused_without_reading_on(tmp_path: Path, announced: int | None) -> None:
    body = b" " * (vocabulary_facts().largest_bytes + 1)
    with serving(body, announced=announced) as url, pytest.raises(CheckpointRefused, match="bytes or more"):
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)


def test_an_error_of_the_server_is_told(tmp_path: Path) -> None:
    with serving(PAGE, status=404) as url, pytest.raises(FetchFailed, match="404"):
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/vocab.json", "http://no-such-host.invalid/vocab.json"])
def test_without_a_network_it_says_so_within_five_seconds(tmp_path: Path, url: str) -> None:
    began_s = time.monotonic()
    with pytest.raises(FetchFailed, match=r"vocab\.json"):
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)
    assert time.monotonic() - began_s < 5.0


def test_a_server_that_never_answers_is_left_within_five_seconds(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began_s = time.monotonic()
        with pytest.raises(FetchFailed):
            fetch_vocabulary(tmp_path, accepts_licence=True, url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert time.monotonic() - began_s < 5.0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/vocab.json", "vocab.json"])
def test_only_the_web_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="address of the web"):
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)


def test_a_good_one_that_is_there_is_kept_and_a_bad_one_replaced(tmp_path: Path) -> None:
    path = write_vocabulary(tmp_path)
    assert fetch_vocabulary(tmp_path, accepts_licence=True, url="http://127.0.0.1:1/") == path
    path.write_bytes(PAGE)
    with serving(GOOD) as url:
        fetch_vocabulary(tmp_path, accepts_licence=True, url=url)
    assert path.read_bytes() == GOOD


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with serving(GOOD) as url, pytest.raises(OutputRefused, match=r"vocab\.json"):
        fetch_vocabulary(tmp_path / "file", accepts_licence=True, url=url)


def test_a_file_that_is_missing_or_another_is_told_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="fetch-lyrics-vocabulary"):
        LyricTokenizer(tmp_path / "vocab.json")
    (tmp_path / "vocab.json").write_bytes(PAGE)
    with pytest.raises(CheckpointRefused, match="a web page"):
        LyricTokenizer(tmp_path / "vocab.json")


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vocab.json"
    path.write_bytes(b"")
    with path.open("r+b") as file:
        file.truncate(vocabulary_facts().largest_bytes + 1)
    monkeypatch.setattr(vocabulary_module, "check_vocabulary", _never)
    with pytest.raises(CheckpointRefused, match="bytes"):
        LyricTokenizer(path)


def _never(*_: object) -> None:
    raise AssertionError("read")


def _wrong_kind(content: dict) -> None:
    content["model"]["type"] = "WordPiece"


def _one_word_less(content: dict) -> None:
    content["model"]["vocab"].popitem()


def _one_merge_more(content: dict) -> None:
    content["model"]["merges"].append("a b")


def _no_added(content: dict) -> None:
    del content["added_tokens"]


def _tags_swapped(content: dict) -> None:
    verse, chorus = (token for token in content["added_tokens"] if token["content"] in ("[verse]", "[chorus]"))
    verse["id"], chorus["id"] = chorus["id"], verse["id"]


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (_wrong_kind, "kind: WordPiece, expected BPE"),
        (_one_word_less, "entries: 6680, expected 6681"),
        (_one_merge_more, "merges: 8533, expected 8532"),
        (_no_added, "added tokens: None, expected 33"),
        (_tags_swapped, r"\[verse\] has id 6684, expected 6683"),
    ],
)
def test_another_vocabulary_is_refused_with_what_differs(spoil: Callable[[dict], None], found: str) -> None:
    content = vocabulary()
    spoil(content)
    with pytest.raises(CheckpointRefused, match=found):
        check_vocabulary(json.dumps(content).encode(), "vocab.json")
