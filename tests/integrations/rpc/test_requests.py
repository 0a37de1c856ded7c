"""From the message to the engine's request: nothing is lost, and what cannot be is refused by name and value."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from integrations.rpc.generated import compose_pb2 as pb
from integrations.rpc.requests import read_cue
from scoring.cue_sheet import HitPoint, Metre
from scoring.errors import InputError
from scoring.key import Key
from scoring.moods import MOODS
from scoring.request import CueRequest
from scoring.timebase import TimeRange
from scoring.wishes.reading import Section, Wishes

WHOLE = CueRequest(
    cue_id="2m3",
    style="ambient",
    prompt="slow strings",
    mood="tense",
    duration_s=12.300000000000001,
    bpm=93.71,
    key=Key.parse("F# lydian"),
    metre=Metre(6, 8),
    first_downbeat_s=0.1,
    valence=-0.3,
    arousal=0.7,
    tension=0.9,
    intensity=((-1.0, 0.2), (3.0, 0.8)),
    hit_points=(HitPoint(4.5, 0.6, 120.0, "reveal", True),),
    ending="ring_out",
    seed=2**62 + 1,
    film_seed=9,
    is_first=False,
    is_last=False,
    lead_in_s=1.5,
    tail_s=3.0,
    structure=("verse",),
    lyrics="la la",
    wishes=Wishes(
        instruments=("cello",),
        avoid=("drums",),
        is_alone=True,
        sections=(Section("verse", 0.4, 1.0, ("violin",), ("cello",)),),
    ),
    speech=(TimeRange(1.0, 2.0), TimeRange(2.0, 3.5)),
    density=((0.0, 0.1),),
    palette=("harp",),
)
MESSAGE = pb.Cue(
    cue_id="2m3",
    style="ambient",
    prompt="slow strings",
    mood="tense",
    duration_s=12.300000000000001,
    bpm=93.71,
    key="F# lydian",
    metre=pb.Metre(beats=6, unit=8),
    first_downbeat_s=0.1,
    valence=-0.3,
    arousal=0.7,
    tension=0.9,
    intensity=[pb.Point(time_s=-1.0, value=0.2), pb.Point(time_s=3.0, value=0.8)],
    hit_points=[pb.HitPoint(time_s=4.5, weight=0.6, tolerance_ms=120.0, kind=pb.HIT_KIND_REVEAL, locked=True)],
    ending=pb.ENDING_RING_OUT,
    seed=2**62 + 1,
    film_seed=9,
    is_first=False,
    is_last=False,
    lead_in_s=1.5,
    tail_s=3.0,
    structure=["verse"],
    lyrics="la la",
    wishes=pb.Wishes(
        instruments=["cello"],
        avoid=["drums"],
        is_alone=True,
        sections=[pb.Section(name="verse", level=0.4, weight=1.0, instruments=["violin"], avoid=["cello"])],
    ),
    speech=[pb.Span(start_s=1.0, end_s=2.0), pb.Span(start_s=2.0, end_s=3.5)],
    density=[pb.Point(time_s=0.0, value=0.1)],
    palette=["harp"],
)
NEVER_SENT = {"reference_audio", "source", "repaint"}


def plain(**fields: object) -> pb.Cue:
    return pb.Cue(**{"mood": "calm", "duration_s": 8.0, "bpm": 100.0, "key": "C", **fields})  # type: ignore[arg-type]


def test_every_field_of_a_request_can_be_said() -> None:
    assert read_cue(MESSAGE, 600.0) == (WHOLE, ())


def test_the_proto_has_every_field_of_the_contract_but_those_it_says_are_left_out() -> None:
    assert {field.name for field in fields(CueRequest)} - NEVER_SENT == {f.name for f in pb.Cue.DESCRIPTOR.fields}


def test_what_is_left_out_follows_from_the_mood_and_the_seed() -> None:
    request, _ = read_cue(plain(seed=5), 600.0)
    calm = MOODS["calm"]
    assert (request.valence, request.arousal, request.tension) == (calm.valence, calm.arousal, calm.tension)
    assert request.intensity == ((0.0, (calm.arousal + 1.0) / 2.0),)
    assert (request.cue_id, request.style, request.film_seed) == ("1m1", "cinematic", 5)
    assert (request.is_first, request.is_last, request.ending, request.lyrics) == (True, True, "end", None)


def test_zero_and_false_are_values_where_they_are_said() -> None:
    request, _ = read_cue(plain(valence=0.0, film_seed=0, seed=7, is_last=False, lyrics=""), 600.0)
    assert (request.valence, request.film_seed, request.is_last, request.lyrics) == (0.0, 0, False, "")


def test_words_add_to_names_and_what_they_cannot_say_is_told() -> None:
    cue = plain(wishes=pb.Wishes(instruments=["cello"], words="solo piano, no drums, 140 bpm, frobnicate"))
    request, warnings = read_cue(cue, 600.0)
    assert request.wishes.instruments == ("cello", "piano")
    assert "drums" in request.wishes.avoid
    assert request.wishes.bpm is None
    assert request.bpm == 100.0
    assert any("tempo" in warning for warning in warnings)


BAD = {
    "mood": plain(mood="grumpy"),
    "style": plain(style="polka-core"),
    "duration_s": plain(duration_s=0.1),
    "duration_s too long": plain(duration_s=600.1),
    "duration_s nan": plain(duration_s=float("nan")),
    "bpm": plain(bpm=401.0),
    "key": plain(key="H dur"),
    "metre": plain(metre=pb.Metre(beats=4, unit=5)),
    "first_downbeat_s": plain(first_downbeat_s=8.0),
    "valence": plain(valence=1.5),
    "tension": plain(tension=-0.1),
    "intensity": plain(intensity=[pb.Point(time_s=1.0, value=0.5), pb.Point(time_s=1.0, value=0.5)]),
    "intensity value": plain(intensity=[pb.Point(time_s=1.0, value=1.5)]),
    "density": plain(density=[pb.Point(time_s=float("inf"), value=0.5)]),
    "hit_points": plain(hit_points=[pb.HitPoint(time_s=9.0)]),
    "hit_points many": plain(hit_points=[pb.HitPoint(time_s=1.0)] * 5000),
    "ending": plain(ending=17),
    "seed": plain(seed=-1),
    "lead_in_s": plain(lead_in_s=4.1),
    "tail_s": plain(tail_s=-1.0),
    "lyrics": plain(lyrics="x" * 20_001),
    "prompt": plain(prompt="bell\x07"),
    "speech": plain(speech=[pb.Span(start_s=2.0, end_s=2.0)]),
    "palette": plain(palette=["theremin of doom"]),
    "wishes.instruments": plain(wishes=pb.Wishes(instruments=["theremin of doom"])),
    "wishes.sections": plain(wishes=pb.Wishes(sections=[pb.Section(name="verse", level=0.5, weight=0.0)])),
}


@pytest.mark.parametrize(("name", "cue"), BAD.items(), ids=BAD.keys())
def test_what_cannot_be_is_refused_by_the_name_of_its_field(name: str, cue: pb.Cue) -> None:
    with pytest.raises(InputError) as refused:
        read_cue(cue, 600.0)
    assert name.split()[0] in str(refused.value)
    assert refused.value.advice


def test_the_whole_request_survives_the_wire() -> None:
    assert read_cue(pb.Cue.FromString(MESSAGE.SerializeToString()), 600.0)[0] == replace(WHOLE)
