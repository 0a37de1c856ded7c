from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rated_jobs import a_database, a_tenant, other_vocabulary, rated

from integrations.cli.main import run
from integrations.jobs.database import Database


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database that the command finds in the environment."""
    monkeypatch.setenv("CUESMITH_DATA", str(tmp_path))
    monkeypatch.setenv("CUESMITH_DATABASE_URL", f"sqlite:///{tmp_path / 'service.db'}")
    made = a_database(tmp_path)
    yield made
    made.close()


@pytest.fixture
def warmer(tmp_path: Path) -> str:
    path = tmp_path / "warmer.toml"
    path.write_text(other_vocabulary("warmer"), "utf-8")
    return str(path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(arguments) == 0
    return capsys.readouterr().out


def test_an_experiment_from_its_beginning_to_the_promotion_and_back(
    database: Database, warmer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    created = said(capsys, "experiments", "create", "spring", "--arm", "built-in", "--arm", warmer)
    assert created == "spring runs: A built-in, B warmer\n"
    assert run(["prompts", "promote", "spring"]) == 2
    assert "0 rated films in A and 0 in B, of 50 each" in capsys.readouterr().err
    rated(database, a_tenant(database), 50, {"A": [3, 3, 4], "B": [4, 5, 5]})
    shown = said(capsys, "experiments", "show", "spring")
    assert "B  warmer" in shown
    assert "50 films rated  4.66 stars" in shown
    assert "+1.34 (95 %: +1.15 to +1.53)" in shown
    promoted = said(capsys, "prompts", "promote", "spring")
    assert promoted.startswith("new films are read with warmer")
    told = json.loads(said(capsys, "prompts", "versions", "--json"))
    assert [(row["name"], row["is_default"]) for row in told["vocabularies"]] == [("built-in", False), ("warmer", True)]
    reverted = said(capsys, "prompts", "promote", "spring", "--revert")
    assert reverted.startswith("new films are read with built-in")
    history = said(capsys, "prompts", "versions")
    assert "built-in → warmer, by spring, taken back" in history
    assert "ended" in said(capsys, "experiments", "list")


def test_experiments_are_ended_and_listed_as_json(
    database: Database, warmer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = said(capsys, "prompts", "register", warmer, "--name", "summery")
    assert registered.startswith("summery  ")
    said(capsys, "experiments", "create", "spring", "--arm", "built-in", "--arm", "summery")
    assert run(["experiments", "create", "summer", "--arm", "built-in", "--arm", "summery"]) == 2
    assert "is running" in capsys.readouterr().err
    assert said(capsys, "experiments", "end", "spring") == "spring has ended\n"
    (row,) = json.loads(said(capsys, "experiments", "list", "--json"))["experiments"]
    assert (row["name"], row["state"], [arm["title"] for arm in row["arms"]]) == (
        "spring",
        "ended",
        ["built-in", "summery"],
    )


def test_a_file_that_is_no_vocabulary_and_an_experiment_there_is_not_are_refused(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.toml").write_text("= 1", "utf-8")
    assert run(["experiments", "create", "x", "--arm", "built-in", "--arm", str(tmp_path / "broken.toml")]) == 2
    assert "no TOML" in capsys.readouterr().err
    assert run(["experiments", "create", "x", "--arm", "built-in", "--arm", str(tmp_path / "none.toml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert run(["experiments", "show", "nobody"]) == 2
    assert "there is no experiment" in capsys.readouterr().err
