"""The instruments in a piece."""

from __future__ import annotations

import io

from music_engine.sdk.music import Music
from scoring.wishes.vocabulary import instruments

_DRUM_CHANNEL = 9


def players(music: Music) -> tuple[str, ...]:
    """Their names in the vocabulary: of every track with a note where there are notes, else as asked and obeyed.

    What the vocabulary has no name for goes by the name of its track.
    """
    if not music.made.midi:
        return tuple(name for name in music.request.wishes.instruments if name not in music.made.unheeded)
    import mido

    found: dict[str, None] = {}
    asked = music.request.wishes.instruments
    for track in mido.MidiFile(file=io.BytesIO(music.made.midi)).tracks:
        notes = [message for message in track if message.type == "note_on" and message.velocity]
        program = next((message.program for message in track if message.type == "program_change"), None)
        if notes and program is not None:
            found.setdefault(_name(program, notes[0].channel == _DRUM_CHANNEL, track.name, asked))
    return tuple(found)


def _name(program: int, is_drum: bool, title: str, asked: tuple[str, ...]) -> str:
    """What was asked for by name counts before other instruments that the same program plays."""
    if is_drum:
        return next((name for name in asked if instruments()[name].role == "drums"), "drums")
    named = [*(instruments()[name] for name in asked), *instruments().values()]
    return next((one.name for one in named if program in one.programs), title.lower())
