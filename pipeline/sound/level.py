"""Decide how loud everything is before it is mixed: static gains, ducks under speech, stretches without music."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.automation import DEEPEST_DB, Automation, Duck, automate
from pipeline.sound.clearance import STEPS_PER_S, Energy, faintest_gap, shortfalls, speech_mask, spoken, voice_energy
from pipeline.sound.loudness import lufs_of
from pipeline.wish import ExistingMusic, Wish
from scoring.cue_sheet import MINIMUM_CUE_S
from scoring.timebase import TimeRange

# Design choices. Without speech the film's own sound sits 4 LU under the music's average, and quiet sound (room tone,
# wind) is not pulled up by more than 12 dB, so that noise stays noise.
SOURCE_UNDER_MUSIC_LU = 4.0
SOURCE_BOOST_LIMIT_DB = 12.0
# With speech, the speech is the anchor: music in the gaps sits a little under it (peers use 4 to 10 LU).
MUSIC_UNDER_SPEECH_LU = 4.0
LOWERED_DB = 12.0  # the new music where the film's own plays, when asked to lie under it
# A duck is made this much deeper than measured: the master's limiter takes more from what is louder.
CLEARANCE_MARGIN_LU = 0.5
_SOURCE_FLOOR_LUFS = -60.0  # below it the source counts as silent and is passed on as it is

LEAST_SWELL_LU = -10.0  # in gaps of 3 s and more the music reaches at least this, against the speech
_SWELL_MARGIN_LU = 0.5
_MOST_RAISED_DB = 6.0  # design choice: more, and the loud passages drown the film
_CORRECTIONS = 8
_USUAL_DUCK_LU = 12.0  # a clearance that asks for more than this from the duck lowers the music everywhere


@dataclass(frozen=True, slots=True)
class Levels:
    """music_gain_db, source_gain_db: static; −inf removes. ducks: what the automation was drawn from.

    muted: stretches in which no music is meant. lowered: and those where it lies lower by so many dB. surround: the
    music's factor in back and side loudspeakers. is_beside_sound: whether the film's own sound is there to be heard.
    """

    music_gain_db: float
    source_gain_db: float
    automation: Automation
    ducks: tuple[Duck, ...] = ()
    muted: tuple[TimeRange, ...] = ()
    surround: float = 0.0
    lowered: tuple[tuple[TimeRange, float], ...] = ()
    is_beside_sound: bool = True


def plan_levels(
    wish: Wish,
    duration_s: float,
    music_energy: Energy,
    source_energy: Energy,
    speech: Sequence[TimeRange],
    source_music: Sequence[TimeRange],
    *,
    centre_energy: Energy | None = None,
    silences: Sequence[TimeRange] = (),
) -> Levels:
    """The gains for a film. music_energy, source_energy: of the ungained stems, as the meters give them.

    centre_energy: of the film's centre loudspeaker alone, where it has one. silences: where the cue sheet has no music.
    """
    own = about_own_music(wish, source_music, duration_s)
    talking = [] if wish.dialogue == "replace" else list(speech)
    voice = voice_energy(source_energy, centre_energy, talking)
    talking = list(spoken(talking, voice))
    music_gain_db, source_gain_db = _static(music_energy, source_energy, voice, talking, wish.clearance_lu)
    music_gain_db += wish.music_level_db
    muted = _muted(wish, duration_s, source_music if own == "skip" else ())
    ducks: tuple[Duck, ...] = ()
    if wish.dialogue == "duck":
        voice = voice * 10 ** (source_gain_db / 10)
        quiet = [*muted, *silences]
        ducks, raised_db = _ducked(wish.clearance_lu, music_energy * 10 ** (music_gain_db / 10), voice, talking, quiet)
        music_gain_db += raised_db
    if wish.dialogue == "replace":
        source_gain_db = -math.inf
    is_lowered = own == "lower" and wish.dialogue != "replace"
    lowered = tuple((r, LOWERED_DB) for r in source_music) if is_lowered else ()
    automation = automate(duration_s, ducks, muted, lowered)
    surround = 0.0 if wish.surround_db is None else 10 ** (wish.surround_db / 20)
    is_beside_sound = wish.dialogue != "replace" and _average_lufs(source_energy) >= _SOURCE_FLOOR_LUFS
    return Levels(music_gain_db, source_gain_db, automation, ducks, muted, surround, lowered, is_beside_sound)


def about_own_music(wish: Wish, source_music: Sequence[TimeRange], duration_s: float) -> ExistingMusic:
    """What is done where the film has music of its own: skip, lower or keep.

    Without a word from the user it is skipped, but for a film that has music throughout, where skipping would leave no
    stretch long enough for a cue: who asks for a score of such a film is given one, and told.
    """
    if wish.existing_music != "auto":
        return wish.existing_music
    edges_s = [0.0, *(t for r in source_music for t in (r.start_s, r.end_s)), duration_s]
    free_s = max(end_s - start_s for start_s, end_s in zip(edges_s[::2], edges_s[1::2], strict=True))
    return "skip" if free_s >= min(MINIMUM_CUE_S, duration_s) else "keep"


def _static(
    music: Energy, source: Energy, voice: Energy, speech: Sequence[TimeRange], clearance_lu: float
) -> tuple[float, float]:
    music_lufs, source_lufs = _average_lufs(music), _average_lufs(source)
    if not math.isfinite(music_lufs) or source_lufs < _SOURCE_FLOOR_LUFS:
        return 0.0, 0.0
    mask = speech_mask(speech, voice.size)
    if mask.any():
        under_lu = max(MUSIC_UNDER_SPEECH_LU, clearance_lu - _USUAL_DUCK_LU)
        return _average_lufs(voice[mask]) - under_lu - music_lufs, 0.0
    wanted_db = music_lufs - SOURCE_UNDER_MUSIC_LU - source_lufs
    if wanted_db < 0:
        # Lowering the source and raising the music are the same thing to a mix that is levelled later.
        return -wanted_db, 0.0
    return 0.0, min(SOURCE_BOOST_LIMIT_DB, wanted_db)


def _ducked(
    clearance_lu: float, music: Energy, voice: Energy, speech: Sequence[TimeRange], quiet: Sequence[TimeRange]
) -> tuple[tuple[Duck, ...], float]:
    """The ducks, and by how much the music is raised, dB, so that it swells back between the words.

    Where the music is too calm for the swell it is raised as a whole and ducked deeper; never at the speech's cost.
    """
    ducks = _ducks(clearance_lu, music, voice, speech)
    faintest = faintest_gap(voice, _under(music, ducks), speech, quiet)
    if faintest is None or faintest.swell_lu >= LEAST_SWELL_LU:
        return ducks, 0.0
    raised_db = min(_MOST_RAISED_DB, LEAST_SWELL_LU + _SWELL_MARGIN_LU - faintest.swell_lu)
    louder = music * 10 ** (raised_db / 10)
    deeper = _ducks(clearance_lu, louder, voice, speech)
    cost_lu = max(shortfalls(voice, _under(louder, deeper), speech, clearance_lu))
    if cost_lu > max(shortfalls(voice, _under(music, ducks), speech, clearance_lu)) + 0.05:
        return ducks, 0.0
    return deeper, raised_db


def _under(music: Energy, ducks: Sequence[Duck]) -> Energy:
    """The music with the ducks drawn, fades and all."""
    return music * automate(music.size / STEPS_PER_S, ducks).power(music.size, STEPS_PER_S)


def _ducks(clearance_lu: float, music: Energy, voice: Energy, speech: Sequence[TimeRange]) -> tuple[Duck, ...]:
    """How deep under each region: planned, measured with its own fades, and corrected until every window is clear."""
    target_lu = clearance_lu + CLEARANCE_MARGIN_LU
    depths = np.zeros(len(speech))
    for _ in range(_CORRECTIONS):
        missing = np.array(shortfalls(voice, _under(music, _as_ducks(speech, depths)), speech, target_lu))
        if not np.any(missing > 0.05):
            break
        depths = np.minimum(DEEPEST_DB, depths + missing)
    return tuple(_as_ducks(speech, depths))


def _as_ducks(speech: Sequence[TimeRange], depths: NDArray[np.float64]) -> list[Duck]:
    return [Duck(region, float(depth)) for region, depth in zip(speech, depths, strict=True) if depth > 0]


def _muted(wish: Wish, duration_s: float, source_music: Sequence[TimeRange]) -> tuple[TimeRange, ...]:
    muted = list(wish.no_music)
    if wish.only is not None:
        edges = ((0.0, wish.only.start_s), (wish.only.end_s, duration_s))
        muted += [TimeRange(a, b) for a, b in edges if b > a]
    if wish.dialogue != "replace":
        muted += list(source_music)
    return tuple(sorted(muted, key=lambda r: r.start_s))


def _average_lufs(energy: Energy) -> float:
    """Loudness of the tenths that are not silent, ungated otherwise; −inf without any."""
    heard = energy[energy > 1e-7]  # −70 LUFS
    return lufs_of(float(heard.mean())) if heard.size else -math.inf
