"""One piece of music without a film: from words to the request that every engine takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from scoring.cue_sheet import Cue, CueSheet, Transition
from scoring.errors import InputError, UnknownChoice
from scoring.key import Key
from scoring.key_plan import KeyWish, plan_keys
from scoring.limits import BPM_RANGE, HIGHEST_SEED, SHORTEST_CUE_S
from scoring.moods import nearest_mood
from scoring.prompts import Saying, write_prompt
from scoring.request import CueRequest, request_for
from scoring.style import Style, load_style
from scoring.tempo import TempoWish, plan_tempi, target_bpm
from scoring.timebase import FrameRate
from scoring.wishes.asked import Asked
from scoring.wishes.lyrics import merged, read_lyrics
from scoring.wishes.obeying import settle, style_asked
from scoring.wishes.reading import read_wishes
from scoring.wishes.vocabulary import folded, words

LONGEST_S = 3600.0
DEFAULT_STYLE = "cinematic"
PIECE_ID = "1m1"  # one cue of one reel
# A piece without a film has no feeling of its own: the middle of the plane, calm enough to go under anything.
_VALENCE, _AROUSAL, _TENSION, _INTENSITY = 0.1, 0.0, 0.2, 0.5
_NUMBERED = re.compile(r"[\s_-]*\d+$")  # "verse 2" is a verse


@dataclass(frozen=True, slots=True)
class Piece:
    """What somebody asks for. prompt: English or Chinese. duration_s: exactly. structure: sections in order.

    lyrics: words to sing, with tags for sections and what plays in them; None, and tags alone, for instrumental. style,
    bpm, key: None lets the prompt and the seed decide.
    """

    prompt: str
    duration_s: float
    structure: tuple[str, ...] = ()
    lyrics: str | None = None
    style: str | None = None
    bpm: float | None = None
    key: Key | None = None
    seed: int = 0


def request_for_piece(piece: Piece) -> CueRequest:
    """The request, with the prompt's words read into mood, tempo and key as a cue sheet's are.

    Raises InputError for a duration, a tempo or a seed outside the range, UnknownChoice for a style or section there
    is not.
    """
    _check(piece)
    sections = tuple(_section(name) for name in piece.structure)
    asked = Asked(bpm=piece.bpm, key=piece.key, structure=" ".join(f"[{name}]" for name in sections))
    style = load_style(piece.style or style_asked(Asked(prompt=piece.prompt)) or DEFAULT_STYLE)
    cue = replace(_plain_cue(piece, style), wishes=asked)
    if piece.prompt.strip():
        cue = replace(cue, prompt=_with_facts(piece), prompt_as_spotted="")
    sheet = CueSheet("", piece.duration_s, FrameRate(25), style.name, piece.seed, "", (cue,))
    sheet = settle(sheet, style)
    return _with_lyrics(request_for(sheet, sheet.cues[0], lead_in_s=0.0, tail_s=0.0), piece.lyrics)


def _with_lyrics(request: CueRequest, text: str | None) -> CueRequest:
    """The request with the sections and instruments that lyrics name, and with the lyrics where they have words.

    What of the instruments the prompt does not name is added to it: a neural engine reads nothing else.
    """
    read = read_lyrics(text)
    sung = (name for section in read.sections for name in section.instruments)
    wishes = request.wishes
    avoid = tuple(dict.fromkeys((*wishes.avoid, *read.avoid)))
    named = [name for name in dict.fromkeys((*wishes.instruments, *read.instruments, *sung)) if name not in avoid]
    sections = merged(wishes.sections, read.sections)
    wishes = replace(wishes, instruments=tuple(named), avoid=avoid, sections=sections)
    told = read_wishes(request.prompt).instruments
    missing = [name for name in named if name not in told and name not in request.wishes.instruments]
    prompt = ", ".join(part for part in (request.prompt.strip(), *missing) if part) if missing else request.prompt
    return replace(
        request,
        prompt=prompt,
        lyrics=text if read.has_words else None,
        wishes=wishes,
        structure=tuple(section.name for section in sections),
    )


def _check(piece: Piece) -> None:
    if not SHORTEST_CUE_S <= piece.duration_s <= LONGEST_S:
        raise InputError(f"the duration is {piece.duration_s!r} s", f"Ask for {SHORTEST_CUE_S:g} to {LONGEST_S:g} s")
    if piece.bpm is not None and not BPM_RANGE[0] <= piece.bpm <= BPM_RANGE[1]:
        raise InputError(f"the tempo is {piece.bpm!r} bpm", f"Ask for {BPM_RANGE[0]:g} to {BPM_RANGE[1]:g} bpm")
    if not 0 <= piece.seed <= HIGHEST_SEED:
        raise InputError(f"the seed is {piece.seed!r}", f"Take a whole number of 0 to {HIGHEST_SEED}")


def _section(name: str) -> str:
    """The section's own name, of those the vocabulary has, in either language. Raises UnknownChoice."""
    wanted = folded(_NUMBERED.sub("", name.strip().strip("[]")))
    known = words().sections
    for section in known:
        if wanted in {folded(own) for own in (section.name, *section.words)}:
            return section.name
    raise UnknownChoice.among("section", name, [section.name for section in known])


def _with_facts(piece: Piece) -> str:
    """The prompt as written, with the tempo and the key asked for beside it: a neural engine reads nothing else."""
    facts = [f"{piece.bpm:g} bpm"] if piece.bpm is not None else []
    facts += [str(piece.key)] if piece.key is not None else []
    return ", ".join([piece.prompt.strip(), *facts])


def _plain_cue(piece: Piece, style: Style) -> Cue:
    """A cue of nobody's film, as spotting would write it."""
    low_bpm, high_bpm = style.tempo_range_bpm
    mood = nearest_mood(_VALENCE, _AROUSAL, _TENSION).name
    wanted_bpm = target_bpm(_VALENCE, _AROUSAL, (low_bpm, high_bpm))
    (bpm,) = plan_tempi([TempoWish(0.0, piece.duration_s, wanted_bpm, (low_bpm, high_bpm), style.metres[0], ())])
    (key,) = plan_keys([KeyWish(mood, _VALENCE)], style.modes, piece.seed)
    prompt = write_prompt(Saying(mood, bpm, key, genre=style.prompt_tags, instruments=style.instruments))
    return Cue(
        id=PIECE_ID,
        in_s=0.0,
        out_s=piece.duration_s,
        mood=mood,
        bpm=bpm,
        key=key,
        metre=style.metres[0],
        first_downbeat_s=0.0,
        valence=_VALENCE,
        arousal=_AROUSAL,
        tension=_TENSION,
        intensity=((0.0, _INTENSITY), (piece.duration_s, _INTENSITY)),
        hit_points=(),
        transition=Transition("end", 0.0),
        prompt=prompt,
        seed=piece.seed,
        prompt_as_spotted=prompt,
    )
