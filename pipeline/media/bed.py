"""Channel beds: which loudspeakers a soundtrack is for, and what each of them is to a meter, a mix and a downmix."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

_SURROUND_WEIGHT = 1.41  # ITU-R BS.1770-5 table 4, +1.5 dB; as ffmpeg's ebur128 counts every back and side channel
_HALF_POWER = np.float32(0.5**0.5)  # ITU-R BS.775-3 table 2: centre and surrounds at −3 dB


@dataclass(frozen=True, slots=True)
class Bed:
    """One layout. name: as ffmpeg calls it. channels: of FL, FR, FC, LFE, BL, BR, SL, SR, in order; FL, FR first."""

    name: str
    channels: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many channels."""
        return len(self.channels)

    @property
    def is_stereo(self) -> bool:
        """Whether it is two loudspeakers and no more."""
        return self.size == 2

    @property
    def centre(self) -> int | None:
        """The index of the centre loudspeaker, from which people speak; None in stereo."""
        return self.channels.index("FC") if "FC" in self.channels else None

    @property
    def weights(self) -> tuple[float, ...]:
        """What each channel counts to loudness (ITU-R BS.1770-5): the low-frequency effects nothing."""
        return tuple(0.0 if c == "LFE" else _SURROUND_WEIGHT if c[0] in "BS" else 1.0 for c in self.channels)

    def spread(self, surround: float) -> tuple[tuple[int, int, float], ...]:
        """Where stereo music goes: (its channel, the bed's, factor). surround: the factor of back and sides."""
        rows = [(0, 0, 1.0), (1, 1, 1.0)]
        if surround > 0:
            rows += [(0 if c[1] == "L" else 1, i, surround) for i, c in enumerate(self.channels) if c[0] in "BS"]
        return tuple(rows)

    def downmix(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """[size, n] → [2, n] by ITU-R BS.775-3: centre and surrounds at −3 dB, no low-frequency effects."""
        if self.is_stereo:
            return samples
        stereo = samples[:2].copy()
        for index, channel in enumerate(self.channels[2:], 2):
            if channel != "LFE":
                part = samples[index] * _HALF_POWER
                if channel[1] != "R":
                    stereo[0] += part
                if channel[1] != "L":
                    stereo[1] += part
        return stereo


@cache
def beds() -> dict[str, Bed]:
    """Every bed of data/beds.toml by each of its names."""
    text = resources.files("pipeline").joinpath("data/beds.toml").read_text("utf-8")
    found: dict[str, Bed] = {}
    for name, row in tomllib.loads(text).items():
        bed = Bed(name, tuple(row["channels"]))
        found |= dict.fromkeys([name, *row["also"]], bed)
    return found


STEREO = "stereo"


def bed_for(layout: str, channels: int) -> Bed:
    """The bed in which a stream's sound is kept: its own where it is one of ours, else stereo.

    layout: as the container names it; a stream that names none is taken by its number of channels.
    """
    known = beds()
    if layout in known:
        return known[layout]
    by_size = {bed.size: bed for bed in known.values()}
    unnamed = layout in ("", f"{channels} channels")
    return by_size[channels] if unnamed and channels in by_size else known[STEREO]
