"""The table of engines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from music_engine import registry
from music_engine.options import EngineOptions
from music_engine.registry import Availability, Entry, availability, choose, engine_names, make_engine, stand_ins
from scoring.errors import EngineUnavailable, UnknownChoice


def test_the_composer_is_always_there() -> None:
    assert "composer" in engine_names()
    assert availability("composer").ready


def test_auto_takes_a_ready_engine_and_says_why() -> None:
    chosen = choose("auto")
    assert chosen.name in engine_names()
    assert chosen.reason


def test_an_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownChoice, match="ace-step-v1, auto, composer"):
        choose("theremin")


def test_an_engine_asked_for_by_name_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    wrong = tmp_path / "not.sf2"
    wrong.write_bytes(b"RIFFxxxxWAVE")
    with pytest.raises(EngineUnavailable, match="not a SoundFont"):
        make_engine("composer", EngineOptions(soundfont=wrong))


def test_an_engine_is_made_by_name() -> None:
    engine = make_engine("composer")
    assert engine.name == "composer"
    assert engine.capabilities.deterministic
    assert engine.capabilities.tempo == "exact"


def test_looking_at_the_table_loads_no_engine() -> None:
    heavy = ("scipy", "symusic", "mido", "torch")
    code = f"import sys, music_engine.registry; print([m for m in {heavy} if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def _table(*rows: tuple[str, int, Availability]) -> dict[str, Entry]:
    def make(options: EngineOptions) -> None:
        raise AssertionError("nothing is made to choose")

    return {n: Entry(n, "", quality, lambda options, state=state: state, make) for n, quality, state in rows}  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("best", "taken", "words"),
    [
        (Availability(True, "weights at X"), "best", "weights at X"),
        (Availability(False, "no weights"), "plain", "best: no weights"),
        (Availability(True, "weights at X", unfit="it is too slow here"), "plain", "best: it is too slow here"),
    ],
)
def test_auto_takes_the_best_that_is_ready_and_fits_and_says_what_it_passed_over(
    monkeypatch: pytest.MonkeyPatch, best: Availability, taken: str, words: str
) -> None:
    monkeypatch.setattr(registry, "ENGINES", _table(("plain", 1, Availability(True, "always")), ("best", 2, best)))
    chosen = choose("auto")
    assert chosen.name == taken
    assert words in chosen.reason
    assert list(stand_ins("best", EngineOptions())) == ["plain"]
    assert list(stand_ins("plain", EngineOptions())) == []


def test_what_is_too_slow_for_auto_can_still_be_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Availability(True, "weights at X", unfit="it is too slow here")
    monkeypatch.setattr(registry, "ENGINES", _table(("slow", 2, slow)))
    assert choose("slow").name == "slow"
    with pytest.raises(EngineUnavailable, match="too slow"):
        choose("auto")


def test_an_alias_is_the_engine_it_stands_for(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="engine ace-step-v1 cannot start"):
        choose("ace-step-base", EngineOptions(checkpoint=tmp_path / "nowhere"))
    assert registry.own_name("ace-step-base") == "ace-step-v1"
