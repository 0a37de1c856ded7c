"""The command that fetches the vocabulary of the lyrics, against a server on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lyric_vocabulary import vocabulary_bytes
from web_server import serving

from integrations.cli.main import run


def test_the_terms_come_first_and_nothing_is_fetched_without_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(vocabulary_bytes()) as url:
        assert run(["models", "fetch-lyrics-vocabulary", str(tmp_path), "--url", url]) == 2
    said = capsys.readouterr()
    assert "Coqui" in said.out
    assert "--accept-licence" in said.err
    assert not list(tmp_path.iterdir())


def test_with_consent_the_file_is_there_and_its_path_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(vocabulary_bytes()) as url:
        assert run(["models", "fetch-lyrics-vocabulary", str(tmp_path), "--accept-licence", "--url", url]) == 0
    said = capsys.readouterr().out
    assert said.index("Coqui") < said.index(str(tmp_path / "vocab.json"))
    assert (tmp_path / "vocab.json").read_bytes() == vocabulary_bytes()


def test_as_json_it_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(vocabulary_bytes()) as url:
        run(["models", "fetch-lyrics-vocabulary", str(tmp_path), "--accept-licence", "--url", url, "--json"])
    assert json.loads(capsys.readouterr().out)["path"] == str(tmp_path / "vocab.json")


def test_a_wrong_file_exits_2_and_a_dead_network_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["models", "fetch-lyrics-vocabulary", str(tmp_path), "--accept-licence", "--url"]
    with serving(b"<html>") as url:
        assert run([*command, url]) == 2
    assert run([*command, "http://127.0.0.1:1/vocab.json"]) == 3
    assert "a web page" in capsys.readouterr().err
