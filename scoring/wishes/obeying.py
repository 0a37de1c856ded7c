"""Puts wishes into a cue sheet: what is asked for the film into every cue, words into mood, tempo and key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from scoring.cue_sheet import Cue, CueSheet
from scoring.hits import TOLERANCE_MS
from scoring.intensity import Point
from scoring.key import MODES, Key
from scoring.key_plan import choose_mode, tonic_of
from scoring.limits import BPM_RANGE
from scoring.moods import MOODS
from scoring.prompts import Saying, describe_structure, write_prompt
from scoring.style import Style
from scoring.tempo import TempoWish, first_downbeat_s, plan_tempi, target_bpm
from scoring.vocabulary import Vocabulary
from scoring.wishes import vocabulary
from scoring.wishes.asked import Asked
from scoring.wishes.gather import gather
from scoring.wishes.reading import Wishes

# Design choices: how far a mood that is asked for moves what the film says, and soft and loud its intensity.
MOOD_SHARE = 0.75
INTENSITY_SHARE = 0.6
FORCE = {"": 0.0, "soft": -0.15, "loud": 0.15}


def ask_all(sheet: CueSheet, asked: Asked) -> CueSheet:
    """The sheet with a wish for the whole film put into every cue that is not locked. It outranks what stands there."""
    if asked.is_empty:
        return sheet
    # What was read before is read again: the command line is the latest word.
    cues = (c if c.locked else replace(c, wishes=replace(asked.over(c.wishes), read="")) for c in sheet.cues)
    return replace(sheet, cues=tuple(cues))


def settle(sheet: CueSheet, style: Style, words: Vocabulary | None = None) -> CueSheet:
    """The sheet with every new wish read into mood, tempo, key and intensity.

    A wish is new until `wishes.read` says otherwise, so that a field edited by hand after it stays as edited, and
    settling again changes nothing. Cues without a wish stay as they are. words: what prompts are written in.
    """
    fresh = [cue for cue in sheet.cues if not cue.locked and cue.wishes.mark(own_words(cue)) != cue.wishes.read]
    if not fresh:
        return sheet
    found = [wishes_of(cue) for cue in fresh]
    home = tonic_of(sheet.seed) if len(fresh) == len(sheet.cues) else None
    moody = [_with_mood(cue, wish, home) for cue, wish in zip(fresh, found, strict=True)]
    done = _with_tempi(moody, found, style)
    written = {
        cue.id: _with_prompt(cue, wish, sheet, style, before, words)
        for cue, wish, before in zip(done, found, fresh, strict=True)
    }
    return replace(sheet, cues=tuple(written.get(cue.id, cue) for cue in sheet.cues))


def own_words(cue: Cue) -> str:
    """What of a cue's prompt a person wrote: the tags that spotting did not."""
    if cue.prompt == cue.prompt_as_spotted:
        return ""
    spotted = {tag.strip() for tag in cue.prompt_as_spotted.split(",")}
    if not spotted & {tag.strip() for tag in cue.prompt.split(",")}:
        return cue.prompt
    return ", ".join(tag.strip() for tag in cue.prompt.split(",") if tag.strip() not in spotted)


def sings(wishes: Wishes) -> bool:
    """Whether a voice is asked for, anywhere in the cue."""
    named = (*wishes.instruments, *(name for section in wishes.sections for name in section.instruments))
    known = vocabulary.instruments()
    return any(known[name].sings for name in named if name in known)


def wishes_of(cue: Cue) -> Wishes:
    """Everything asked of a cue, read."""
    return gather(cue.wishes, own_words(cue))


def style_asked(asked: Asked) -> str | None:
    """The style that the genres in a wish for the film start from, or None."""
    genres = gather(asked).genres
    return next((genre.style for genre in vocabulary.words().genres if genre.name in genres[:1]), None)


def saying_of(cue: Cue, wish: Wishes, sheet: CueSheet, style: Style) -> Saying:
    """What spotting would have put into a cue's prompt, had it known the wish."""
    named = (*wish.instruments, *wish.effects)
    return Saying(
        mood=cue.mood,
        bpm=cue.bpm,
        key=cue.key,
        genre=(*wish.genres, *style.prompt_tags),
        setting=cue.setting,
        palette=() if named else tuple(name for name in cue.palette if name not in wish.avoid),
        instruments=named or style.instruments,
        structure=describe_structure(
            cue.intensity, is_first=cue.id == sheet.cues[0].id, is_last=cue.id == sheet.cues[-1].id
        ),
    )


def _with_mood(cue: Cue, wish: Wishes, home: int | None) -> Cue:
    """Mood, and what follows from it: feeling, intensity, mode. home: the film's tonic, where all cues change."""
    shift = FORCE[wish.force]
    if wish.mood is not None:
        mood = MOODS[wish.mood]
        level = (mood.arousal + 1.0) / 2.0
        mean = sum(value for _, value in cue.intensity) / max(len(cue.intensity), 1)
        shift += INTENSITY_SHARE * (level - mean)
        cue = replace(
            cue,
            mood=mood.name,
            valence=_blend(mood.valence, cue.valence),
            arousal=_blend(mood.arousal, cue.arousal),
            tension=_blend(mood.tension, cue.tension),
        )
    tonic = cue.key.tonic if home is None or wish.mood is None else home
    mode = choose_mode(cue.mood, cue.valence, tuple(MODES)) if wish.mood is not None else cue.key.mode
    key = wish.key or Key(tonic, wish.mode or mode)
    moved = replace(cue, intensity=_shifted(cue.intensity, shift), density=_shifted(cue.density, shift))
    return replace(moved if shift else cue, key=key)


def _shifted(points: tuple[Point, ...], shift: float) -> tuple[Point, ...]:
    return tuple((time_s, round(min(max(value + shift, 0.0), 1.0), 6)) for time_s, value in points)


def _blend(asked: float, own: float) -> float:
    return round(MOOD_SHARE * asked + (1.0 - MOOD_SHARE) * own, 4)


def _with_tempi(cues: Sequence[Cue], found: Sequence[Wishes], style: Style) -> list[Cue]:
    """The tempo asked for exactly; else one in the band, or of the mood, that fits bars and hits."""
    searching = [
        (cue, band)
        for cue, wish in zip(cues, found, strict=True)
        if wish.bpm is None and (band := _band(cue, wish, style)) is not None
    ]
    planned = plan_tempi([_tempo_wish(cue, band) for cue, band in searching])
    tempi = {cue.id: min(max(bpm, band[0]), band[1]) for (cue, band), bpm in zip(searching, planned, strict=True)}
    done = []
    for cue, wish in zip(cues, found, strict=True):
        bpm = wish.bpm if wish.bpm is not None else tempi.get(cue.id, cue.bpm)
        # A rounded number in the words is the tempo that stands there.
        is_same = bpm == cue.bpm or (cue.wishes.bpm is None and bpm == round(cue.bpm))
        downbeat_s = first_downbeat_s(cue.in_s, cue.out_s, bpm, cue.metre)
        done.append(cue if is_same else replace(cue, bpm=bpm, first_downbeat_s=downbeat_s))
    return done


def _band(cue: Cue, wish: Wishes, style: Style) -> tuple[float, float] | None:
    """Where the tempo is to be; None where it stands well already."""
    if wish.band_bpm is not None:
        low, high = wish.band_bpm
        return None if low <= cue.bpm <= high else (low, high)
    if wish.mood is None:
        return None
    return style.tempo_range_bpm[0], style.tempo_range_bpm[1]


def _tempo_wish(cue: Cue, band: tuple[float, float]) -> TempoWish:
    low, high = band
    wanted = target_bpm(cue.valence, cue.arousal, BPM_RANGE)
    # A little inside the band, so that rounding and whole bars have room on both sides.
    target = min(max(wanted, low * math.sqrt(math.sqrt(high / low))), high / math.sqrt(math.sqrt(high / low)))
    hits = tuple(hit for hit in cue.hit_points if hit.tolerance_ms <= 4 * TOLERANCE_MS)
    return TempoWish(cue.in_s, cue.out_s, target, band, cue.metre, hits)


def _with_prompt(cue: Cue, wish: Wishes, sheet: CueSheet, style: Style, before: Cue, words: Vocabulary | None) -> Cue:
    """The prompt as spotting would have written it, had it known; the person's own words are left alone."""
    read = replace(cue.wishes, read=cue.wishes.mark(own_words(before)))
    if before.prompt != before.prompt_as_spotted:
        return replace(cue, wishes=read)
    prompt = write_prompt(saying_of(cue, wish, sheet, style), vocabulary=words)
    return replace(cue, wishes=read, prompt=prompt, prompt_as_spotted=prompt)
