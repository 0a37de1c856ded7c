"""MIDI: another library reads the same music."""

from __future__ import annotations

import io

import mido
import pytest

from music_engine.composer.midi import write_midi
from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from scoring.cue_sheet import Metre
from scoring.style import load_style


@pytest.mark.parametrize(
    ("lead_in_s", "first_s", "metre"), [(0.0, 0.0, (4, 4)), (1.5, 0.3, (3, 4)), (0.7, 0.0, (6, 8))]
)
def test_a_reader_finds_bars_hits_and_notes_where_they_sound(ask, lead_in_s, first_s, metre) -> None:  # type: ignore[no-untyped-def]
    request = ask(
        bpm=97.3,
        metre=Metre(*metre),
        lead_in_s=lead_in_s,
        first_downbeat_s=first_s,
        hits=((first_s + 60 / 97.3 * 8, 0.9),),
    )
    plan = make_plan(request, load_style("cinematic"))
    parts = play(plan)
    data = write_midi(request, plan.form, plan.chords, parts)
    file = mido.MidiFile(file=io.BytesIO(data))
    now_s, onsets, markers = 0.0, [], {}
    for message in file:
        now_s += message.time
        if message.type == "note_on":
            onsets.append(now_s)
        elif message.type == "marker":
            markers[message.text] = now_s
    form = plan.form
    wanted = sorted(
        max(form.time_s(n.beat) + lead_in_s + n.offset_ms / 1000, 0.0) for part in parts for n in part.notes
    )
    assert onsets == pytest.approx(wanted, abs=0.002)
    for bar in form.bars:
        assert markers[f"bar {bar.index + 1}"] == pytest.approx(form.time_s(bar.beat) + lead_in_s, abs=0.002)
    assert markers["hit 0.90"] == pytest.approx(first_s + 60 / 97.3 * 8 + lead_in_s, abs=0.002)
    names = [track.name for track in file.tracks]
    assert names[0] == "Cue 1m1"
    assert {part.layer.name for part in parts} <= set(names)
    signatures = [m for m in file.tracks[0] if m.type == "time_signature"]
    assert (signatures[0].numerator, signatures[0].denominator) == metre
