"""The prompt of a cue for neural engines: English tags, separated by commas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scoring.key import Key
from scoring.vocabulary import DEFAULT_FAMILY, built_in_vocabulary

# Upper bounds in bpm, after the classical tempo terms.
TEMPO_WORDS = ((70.0, "very slow"), (90.0, "slow"), (112.0, "moderate tempo"), (132.0, "upbeat tempo"))
FASTEST_WORD = "fast tempo"
STRUCTURE_STEP = 0.12  # of intensity between a cue's first and last third. Design choice.
INSTRUMENTS = 4  # more and the engines blur them
INSTRUMENTAL = "instrumental"


def write_prompt(
    *,
    mood: str,
    bpm: float,
    key: Key,
    genre: Sequence[str] = (),
    instruments: Sequence[str] = (),
    structure: Sequence[str] = (),
) -> str:
    """Genre, mood, instruments, tempo words, "NN bpm", key, structure and "instrumental", each tag once."""
    tags = [
        *genre,
        *built_in_vocabulary().moods[mood].tags[DEFAULT_FAMILY],
        *instruments[:INSTRUMENTS],
        tempo_words(bpm),
        f"{round(bpm)} bpm",
        str(key),
        *structure,
    ]
    return ", ".join(_once(tag for tag in tags if tag != INSTRUMENTAL)) + f", {INSTRUMENTAL}"


def tempo_words(bpm: float) -> str:
    """ "slow", "moderate tempo", …"""
    return next((words for limit, words in TEMPO_WORDS if bpm < limit), FASTEST_WORD)


def describe_structure(intensity: Sequence[tuple[float, float]], *, is_first: bool, is_last: bool) -> list[str]:
    """What happens over the cue: where in the film it stands, and whether it builds, fades or holds.

    intensity: a cue's points, (film time s, 0..1).
    """
    start, end = intensity[0][1], intensity[-1][1]
    if end - start >= STRUCTURE_STEP:
        course = "gradual build"
    elif start - end >= STRUCTURE_STEP:
        course = "winding down"
    else:
        course = "steady"
    return [*(["intro"] if is_first else []), course, *(["final ending"] if is_last else [])]


def _once(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))
