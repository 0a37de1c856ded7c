from __future__ import annotations

import json
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.jobs.orders import Order, read_order
from integrations.work.wishes import for_looking, wish_of
from music_engine.options import EngineOptions
from pipeline.wish import Dialogue, ExistingMusic, Wish
from scoring.edit import Edit, Mark, parse_edit
from scoring.errors import UnknownChoice, VocabularyError
from scoring.key import Key
from scoring.limits import BPM_RANGE, HIGHEST_SEED
from scoring.timebase import TimeRange

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
STRETCH = st.tuples(st.floats(0, 40_000), st.floats(1, 40_000)).map(lambda pair: [pair[0], pair[0] + pair[1]])
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "style": st.sampled_from(["cinematic", "ambient"]),
        "engine": st.sampled_from(["auto", "composer", "ace-step-v1", "ace-step-base"]),
        "loudness": st.sampled_from(["web", "ebu-r128"]),
        "seed": st.integers(0, HIGHEST_SEED),
        "stems": st.booleans(),
        "music": st.booleans(),
        "starts_at_s": st.floats(0, 172_800),
        "dialogue": st.sampled_from(get_args(Dialogue)),
        "clearance_lu": st.floats(0, 30),
        "existing_music": st.sampled_from(get_args(ExistingMusic)),
        "music_level_db": st.floats(-40, 20),
        "surround_db": st.floats(-40, 0),
        "only": STRETCH,
        "no_music": st.lists(STRETCH, max_size=3),
        "fallback": st.booleans(),
        "analyser": st.sampled_from(["auto", "clip", "colour-motion"]),
        "describe": TEXT,
        "subtitles": st.booleans(),
        "prompt": TEXT,
        "avoid": TEXT,
        "instruments": st.lists(st.sampled_from(["piano", "strings", "钢琴"]), max_size=3),
        "mood": st.sampled_from(["calm", "tense", ""]),
        "bpm": st.floats(*BPM_RANGE),
        "key": st.sampled_from(["D minor", "F# lydian"]),
        "takes": st.integers(1, 9),
    },
)
EDITS = st.lists(st.floats(0, 80_000).map(lambda t: round(t, 6))).map(
    lambda times_s: json.dumps(Edit(marks=tuple(Mark(time_s) for time_s in sorted(times_s))).to_json())
)
TEXTS = st.fixed_dictionaries({}, optional={"sheet": TEXT, "prompts": TEXT, "words": TEXT, "edit": EDITS})


@settings(max_examples=150, deadline=None)
@given(WISHES, TEXTS)
def test_every_field_of_an_order_reaches_the_wish_and_nothing_else_does(
    asked: dict[str, object], texts: dict[str, str]
) -> None:
    order = read_order({"kind": "score", "wish": asked, "texts": texts})
    with tempfile.TemporaryDirectory() as folder:
        wish = wish_of(order, Path(folder) / "texts")
        again = wish_of(order, Path(folder) / "texts")
        files = {"sheet": wish.cues, "prompts": wish.prompts, "words": wish.words}
        named = {name for name, text in texts.items() if text and name != "edit"}
        assert {name for name, path in files.items() if path} == named
        for name, path in files.items():
            if path is not None:
                assert path.read_bytes().decode("utf-8") == texts[name]
                assert path.parent == Path(folder) / "texts"
    assert wish == again
    assert wish.edit == (parse_edit(texts["edit"]) if "edit" in texts else None)
    usual = Wish()
    for field in fields(Wish):
        value = getattr(wish, field.name)
        if field.name in ("cues", "prompts", "words", "edit", "asked"):
            continue
        if field.name in asked:
            said = asked[field.name]
            if field.name == "only":
                said = TimeRange(*said)  # type: ignore[misc]
            if field.name == "no_music":
                said = tuple(TimeRange(*edges) for edges in said)  # type: ignore[attr-defined]
            assert value == said
        else:
            assert value == getattr(usual, field.name)
    assert wish.engines == EngineOptions()
    assert wish.output is None
    music = wish.asked
    assert (music.prompt, music.avoid) == (str(asked.get("prompt", "")).strip(), str(asked.get("avoid", "")).strip())
    assert music.bpm == asked.get("bpm")
    assert music.mood == (asked.get("mood") or None)
    assert music.key == (Key.parse(str(asked["key"])) if "key" in asked else None)
    assert set(music.instruments) == {{"钢琴": "piano"}.get(name, name) for name in asked.get("instruments", [])}  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", [{"mood": "purple"}, {"instruments": ["hurdygurdophone"]}])
def test_a_name_there_is_not_is_refused_with_those_there_are(field: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice):
        wish_of(read_order({"kind": "score", "wish": field}), tmp_path)


def test_a_vocabulary_is_read_from_the_orders_own_text(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError):
        wish_of(Order("score", {"mood": "calm"}, {"vocabulary": "not = [toml"}), tmp_path)


def test_an_analysis_is_the_same_whatever_is_written_down_of_the_words(tmp_path: Path) -> None:
    one = wish_of(Order("score", {"describe": "a sad film"}, {"words": "Hello."}), tmp_path)
    other = wish_of(Order("score", {"subtitles": False}), tmp_path)
    assert for_looking(one) == for_looking(other)
