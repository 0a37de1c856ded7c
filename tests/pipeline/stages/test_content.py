from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import sheet

from music_engine.ace_step.cues.orders import Item, Order, batches, items_of
from music_engine.options import EngineOptions
from pipeline.stages.content import batch_key, content_key
from pipeline.stages.requests import requests_of
from scoring.errors import UnknownChoice
from scoring.request import CueRequest
from scoring.timebase import TimeRange

SHEET = sheet([0.0, 10.0, 20.0, 30.0])
NOTHING = EngineOptions()


def keys(speech: list[TimeRange] | None = None, engine: str = "composer", **options: object) -> list[str]:
    chosen = replace(NOTHING, **options)  # type: ignore[arg-type]
    return [content_key(r, engine, chosen, fallback=False) for r in requests_of(SHEET, speech or [])]


def test_the_same_cue_has_the_same_key_and_another_one_another() -> None:
    assert keys() == keys()
    assert len(set(keys())) == 3
    assert not set(keys()) & set(keys(engine="ace-step-v1"))
    assert not set(keys()) & set(keys(engine="auto"))
    assert keys(engine="ace-step-base") == keys(engine="ace-step-v1")


def test_a_word_over_one_cue_changes_only_that_ones_key() -> None:
    spoken = keys([TimeRange(12.0, 13.0)])
    assert [a == b for a, b in zip(keys(), spoken, strict=True)] == [True, False, True]


def test_another_file_in_the_same_place_makes_another_key(tmp_path: Path) -> None:
    soundfont, folder = tmp_path / "one.sf2", tmp_path / "checkpoint"
    (folder / "part").mkdir(parents=True)
    seen = [keys(), keys(soundfont=soundfont), keys(checkpoint=folder)]
    soundfont.write_bytes(b"one")
    seen.append(keys(soundfont=soundfont))
    soundfont.write_bytes(b"other")
    seen.append(keys(soundfont=soundfont))
    (folder / "part" / "weights.safetensors").write_bytes(b"1")
    seen.append(keys(checkpoint=folder))
    seen += [keys(sampling={"steps": 5}), keys(precision="bfloat16")]
    assert len({key[0] for key in seen}) == len(seen)


def test_an_engine_there_is_not_has_no_key() -> None:
    with pytest.raises(UnknownChoice):
        keys(engine="orchestrion")
    with pytest.raises(UnknownChoice):
        batch_key(requests_of(SHEET, [])[0], "orchestrion", NOTHING, fallback=False)


@pytest.mark.parametrize("engine", ["composer", "auto"])
def test_engines_that_gain_nothing_by_it_and_those_not_known_yet_make_no_batches(engine: str) -> None:
    assert {batch_key(r, engine, NOTHING, fallback=False) for r in requests_of(SHEET, [])} == {""}


@given(st.lists(st.integers(250, 320).map(lambda n: n / 10) | st.floats(3.0, 600.0), min_size=2, max_size=8))
def test_cues_with_one_batch_key_are_what_the_engine_makes_in_one_batch(lengths_s: list[float]) -> None:
    first = requests_of(SHEET, [])[0]
    requests = [replace(first, cue_id=str(number), duration_s=s) for number, s in enumerate(lengths_s)]
    for one, other in pairwise(requests):
        is_one_batch = all(len(batch) == 2 for batch in batches(_items([one, other])))
        keys = {batch_key(request, "ace-step-v1", NOTHING, fallback=False) for request in (one, other)}
        has_one_segment = len(_items([one])) == len(_items([other])) == 1
        if has_one_segment:
            assert (len(keys) == 1) == is_one_batch
        assert keys != {""}


def test_what_is_said_about_the_engine_parts_batches() -> None:
    request = requests_of(SHEET, [])[0]
    said = [NOTHING, replace(NOTHING, sampling={"steps": 9}), replace(NOTHING, precision="bfloat16")]
    found = [batch_key(request, "ace-step-v1", one, fallback=False) for one in said]
    found.append(batch_key(request, "ace-step-v1", NOTHING, fallback=True))
    assert len(set(found)) == 4


def test_planning_loads_no_torch() -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from sheets import sheet
from music_engine.options import EngineOptions
from pipeline.stages.content import batch_key, content_key
from pipeline.stages.requests import requests_of
request = requests_of(sheet([0.0, 10.0]), [])[0]
assert batch_key(request, "ace-step-v1", EngineOptions(), fallback=False)
assert content_key(request, "ace-step-v1", EngineOptions(), fallback=False)
assert "torch" not in sys.modules
"""
    support = Path(__file__).parents[2] / "support"
    done = subprocess.run([sys.executable, "-c", script, str(support)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _items(requests: list[CueRequest]) -> list[Item]:
    return items_of([Order.of(request) for request in requests])
