"""Keys and modes: a tonic and one of the seven church modes."""

from __future__ import annotations

from dataclasses import dataclass

PITCH_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_SPELLINGS = {
    **{name: i for i, name in enumerate(PITCH_NAMES)},
    **{"C#": 1, "D#": 3, "Gb": 6, "G#": 8, "A#": 10, "Cb": 11, "B#": 0, "Fb": 4, "E#": 5},
}

# Semitones above the tonic, brightest to darkest.
MODES: dict[str, tuple[int, ...]] = {
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
_MODE_SPELLINGS = {"ionian": "major", "aeolian": "minor", "maj": "major", "min": "minor"}


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class 0..11, C = 0) and a mode of MODES. Written "D minor", "F# lydian"."""

    tonic: int
    mode: str

    def __post_init__(self) -> None:
        if not 0 <= self.tonic < 12 or self.mode not in MODES:
            raise ValueError(f"no such key: tonic {self.tonic}, mode {self.mode!r}")

    @property
    def scale(self) -> tuple[int, ...]:
        """The seven pitch classes, tonic first."""
        return tuple((self.tonic + step) % 12 for step in MODES[self.mode])

    @property
    def signature_fifths(self) -> int:
        """Place of the key signature on the circle of fifths: 0 = no accidentals, +1 = one sharp, −5..6."""
        brightness = {"lydian": 1, "major": 0, "mixolydian": -1, "dorian": -2, "minor": -3, "phrygian": -4}[self.mode]
        fifths = (self.tonic * 7 + 5) % 12 - 5  # C major 0, G 1, F −1, F# 6
        return (fifths + brightness + 5) % 12 - 5

    def fifths_to(self, other: Key) -> int:
        """Steps on the circle of fifths between the two key signatures, 0..6."""
        apart = abs(self.signature_fifths - other.signature_fifths) % 12
        return min(apart, 12 - apart)

    def __str__(self) -> str:
        return f"{PITCH_NAMES[self.tonic]} {self.mode}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """ "D minor", "f# Lydian", "Bb" (major). Raises ValueError with what is allowed."""
        words = text.replace("♭", "b").replace("♯", "#").split()
        name = words[0][:1].upper() + words[0][1:] if words else ""
        mode = " ".join(words[1:]).lower() or "major"
        mode = _MODE_SPELLINGS.get(mode, mode)
        if name not in _SPELLINGS or mode not in MODES:
            raise ValueError(f"a tonic such as C, F#, Bb and a mode of {', '.join(MODES)}, for example 'D minor'")
        return cls(_SPELLINGS[name], mode)
