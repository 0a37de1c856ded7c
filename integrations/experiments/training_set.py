"""A folder that ACE-Step v1's own training takes: `X.mp3`, `X_prompt.txt`, `X_lyrics.txt` for each piece of music.

Its converter pairs them by name and splits the prompt at commas; its data set (ACE-Step v1, text2music_dataset.py) cuts
audio at 240 s and prompts at 256 characters, pads what is under 3 s with zeros, and skips what is more than 95 % exact
zeros. read_training_set reads a folder by those rules and refuses what training would drop, cut or pad without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.sound.file import reading
from scoring.errors import InputError

SHORTEST_S, LONGEST_S = 3.0, 240.0
LONGEST_PROMPT = 256
MOST_SILENCE = 0.95
_BLOCK_SAMPLES = 1 << 20


@dataclass(frozen=True, slots=True)
class TrainingPiece:
    """One item of the data set. key: the file's name without its ending. duration_s: of the audio."""

    key: str
    audio: Path
    tags: tuple[str, ...]
    lyrics: str
    duration_s: float

    def to_json(self) -> Mapping[str, Any]:
        """The item as the trainer's data set has it."""
        return {
            "keys": self.key,
            "filename": str(self.audio),
            "tags": list(self.tags),
            "speaker_emb_path": "",
            "norm_lyrics": self.lyrics,
            "recaption": {},
        }


def read_training_set(folder: Path) -> list[TrainingPiece]:
    """Every piece of a folder, by name. Raises InputError, naming the file, for one that training could not use."""
    return [_piece(audio) for audio in sorted(folder.glob("*.mp3"))]


def _piece(audio: Path) -> TrainingPiece:
    prompt, lyrics = (_text(audio.with_name(f"{audio.stem}_{part}.txt")) for part in ("prompt", "lyrics"))
    tags = tuple(tag.strip() for tag in prompt.split(",") if tag.strip())
    if not tags or len(", ".join(tags)) > LONGEST_PROMPT:
        raise InputError(
            f"the prompt of {audio.name} has {len(tags)} tags of {len(prompt)} characters together",
            f"Give one tag or more, {LONGEST_PROMPT} characters at most, with commas between",
        )
    duration_s, silence = _look(audio)
    if not SHORTEST_S <= duration_s <= LONGEST_S:
        raise InputError(f"{audio.name} lasts {duration_s:.2f} s", f"Give {SHORTEST_S:g} to {LONGEST_S:g} s")
    if silence > MOST_SILENCE:
        raise InputError(f"{audio.name} is {silence:.0%} silence", "Leave it out")
    return TrainingPiece(audio.stem, audio, tags, lyrics, duration_s)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read: {error}", "Each .mp3 needs a _prompt.txt and a _lyrics.txt"
        ) from error


def _look(audio: Path) -> tuple[float, float]:
    """Seconds, and the share of samples that are exactly zero in every channel."""
    silent = total = 0
    with reading(audio) as file:
        rate_hz: int = file.samplerate
        while len(block := file.read(_BLOCK_SAMPLES, dtype="float32", always_2d=True)):
            silent += int(np.count_nonzero(~block.any(axis=1)))
            total += len(block)
    return total / rate_hz, silent / total if total else 1.0
