from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.settings import Settings
from pipeline.stages.gathering import Record
from pipeline.stages.playable import write_playable
from pipeline.stages.played import PlayedBy
from pipeline.stages.take import Made
from pipeline.stages.watching import record_of, recorded_watcher
from pipeline.watcher import choose_watcher
from pipeline.wish import Silent, Wish
from pipeline.workspace import Workspace, digest
from scoring.errors import EngineError, MediaToolError
from scoring.request import CueAudio, CueTake, Samples

COMPOSER = PlayedBy("composer", "asked for by name", {"composer": "2+abc"}, ("composer",))
MODEL = PlayedBy("ace-step-v1", "the best", {"ace-step-v1": "1+def", "composer": "2+xyz"}, ("composer",))


def audio_of(*stems: Samples) -> CueAudio:
    total = np.sum(stems, axis=0, dtype=np.float32)
    named = {f"stem{number}": stem for number, stem in enumerate(stems)}
    return CueAudio("1m1", "composer", total, 0, total.shape[1], (), (), stems=named)


def kept(workspace: Workspace, *stems: Samples) -> Made:
    take = workspace.keep_take("k", audio_of(*stems), 1)
    return Made(take, "k", True)


def test_a_record_comes_back_from_json_as_it_was() -> None:
    record = Record("1m1", "k", True, (("ace-step-v1", "broke"),), (("other", "is missing"),), MODEL, ("said",))
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_of_several_machines_the_first_speaks_and_all_engines_are_named() -> None:
    both = PlayedBy.together([COMPOSER, MODEL])
    assert (both.engine, both.why) == ("composer", "asked for by name")
    assert both.versions == {"composer": "2+abc", "ace-step-v1": "1+def"}
    assert both.exact == ("composer",)


def test_a_take_that_is_not_where_it_was_put_is_worth_another_attempt(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "film.cuesmith")
    record = Record("1m1", "k", True, (), (), COMPOSER)
    with pytest.raises(EngineError, match="1m1") as caught:
        record.read(workspace)
    assert caught.value.retry == "at once"
    kept(workspace, np.zeros((2, 100), np.float32))
    assert isinstance(record.read(workspace).take, CueTake)


def test_a_recorded_watcher_has_the_key_of_the_one_it_records_and_reads_no_picture() -> None:
    watcher = choose_watcher(Wish(analyser="colour-motion"), Settings(), stage=Silent().stage, note=Silent().note)
    document = json.loads(json.dumps(record_of(watcher)))
    again = recorded_watcher(document, Wish(), Settings())
    assert digest(again.key) == digest(watcher.key)
    assert (again.kind, again.why, again.facts) == (watcher.kind, watcher.why, dict(watcher.facts))
    assert again.vocabulary.sha256 == watcher.vocabulary.sha256
    with pytest.raises(MediaToolError, match="not where it was put"):
        again.build()


def test_stems_that_would_clip_together_are_turned_down(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "film.cuesmith")
    stem = np.full((2, 30 * 48_000 + 7), 0.75, np.float32)
    made = kept(workspace, stem, stem)
    assert write_playable(made, workspace, tmp_path / "cue.flac") == pytest.approx(-3.53, abs=0.01)
    samples = soundfile.read(tmp_path / "cue.flac")[0]
    assert samples.shape == (stem.shape[1], 2)
    assert np.abs(samples - 0.999).max() < 1e-4


def test_a_take_that_another_process_finished_first_stays(tmp_path: Path) -> None:
    folder = tmp_path / "film.cuesmith"
    kept(Workspace(folder), np.full((2, 50), 0.25, np.float32))
    (place,) = (folder / "cues").iterdir()
    before = {path.name: path.stat().st_ino for path in place.iterdir()}
    kept(Workspace(folder), np.full((2, 50), 0.25, np.float32))
    assert {path.name: path.stat().st_ino for path in place.iterdir()} == before
    (place / "take.json").write_text("{", "utf-8")  # but a damaged one does not
    kept(Workspace(folder), np.full((2, 50), 0.25, np.float32))
    assert Workspace(folder).take("1m1", "k") is not None
    assert [path.name for path in (folder / "cues").iterdir()] == [place.name]
