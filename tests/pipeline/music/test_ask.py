"""What may be asked for, and the seed that follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.music.ask import LONGEST_LYRICS, LONGEST_PROMPT, MusicAsk, check_ask
from scoring.errors import InputError, UnknownChoice

PLAIN = MusicAsk("calm piano", duration_s=20.0)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"prompt": " ", "lyrics": "\n"}, InputError, "neither a prompt nor lyrics"),
        ({"prompt": "a" * (LONGEST_PROMPT + 1)}, InputError, "the prompt has 4001"),
        ({"lyrics": "a" * (LONGEST_LYRICS + 1)}, InputError, "the lyrics has 20001"),
        ({"duration_s": 9.9}, InputError, "10 to 240 s"),
        ({"duration_s": 240.1}, InputError, "10 to 240 s"),
        ({"duration_s": float("nan")}, InputError, "nan"),
        ({"output_format": "aiff"}, UnknownChoice, "wav, flac, mp3, ogg|flac"),
        ({"engine": "theremin"}, UnknownChoice, "composer"),
        ({"seed": -1}, InputError, "seed"),
        ({"seed": 2**63}, InputError, "seed"),
        ({"bpm": 5.0}, InputError, "tempo"),
        ({"style": "polka"}, UnknownChoice, "cinematic"),
        ({"key": "H minor"}, InputError, "H minor"),
    ],
)
def test_what_can_never_be_made_is_refused_in_words(
    changes: dict[str, object], kind: type[InputError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        check_ask(replace(PLAIN, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{}, {"duration_s": 10}, {"duration_s": 240.0}, {"prompt": "", "lyrics": "la"}])
def test_what_can_be_made_is_let_through(changes: dict[str, object]) -> None:
    check_ask(replace(PLAIN, **changes))  # type: ignore[arg-type]


def test_the_seed_follows_from_what_is_asked_and_not_from_how_it_is_delivered() -> None:
    assert PLAIN.own_seed == replace(PLAIN, output_format="flac", engine="composer", duration_s=20).own_seed
    others = [{"prompt": "calm piano."}, {"lyrics": "la"}, {"duration_s": 21.0}, {"bpm": 90.0}, {"key": "C major"}]
    seeds = {replace(PLAIN, **other).own_seed for other in others}  # type: ignore[arg-type]
    assert len(seeds | {PLAIN.own_seed}) == 6
    assert replace(PLAIN, seed=7).own_seed == 7


@given(st.text(), st.text())
def test_any_words_have_a_seed_that_every_reader_of_json_keeps(prompt: str, lyrics: str) -> None:
    assert 0 <= MusicAsk(prompt, lyrics).own_seed < 2**32
