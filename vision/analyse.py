"""The front door of vision: everything the decoder hands over goes in, once; what spotting needs comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from scoring.analysis import Analysis, EmotionCurve, describe_shots
from scoring.errors import BrokenMedia
from scoring.speech import Speech
from vision.activity import cut_pace, measure_activity
from vision.analyser import Analyser, Reading
from vision.cuts import find_cuts
from vision.frames import Frame, MediaItem, SoundBlock
from vision.gradual import find_gradual
from vision.listening import Listener
from vision.pictures import PictureMeter, PictureTrack
from vision.sound import AUDIBLE_DB, SoundMeter
from vision.voice.liveliness import voice_curve

LATE_END_S = 1.0  # a film that claims to be longer than what was seen by no more than this may be right
LONE_PICTURE_S = 0.04  # how long a film of one picture lasts when nothing else says so


def analyse(items: Iterable[MediaItem], *, duration_s: float | Callable[[], float], analyser: Analyser) -> Analysis:
    """Shots, activity, emotion curve, speech and source music of a film, in one pass over its items.

    items: pictures, stills and sound in time order, each kind for itself, from 0 s. duration_s: what the container
    claims, and where the pictures contradict it, they are believed; or a function that is asked when the items are
    over, for a decoder that knows exactly. Memory grows by about 140 bytes a picture, 300 for a moment at the end.
    Raises BrokenMedia when there is no picture at all.
    """
    pictures, sound = PictureMeter(), SoundMeter()
    listener = Listener()
    for item in items:
        if isinstance(item, Frame):
            pictures.see(item)
        elif isinstance(item, SoundBlock):
            sound.hear(item)
            listener.hear(item)
        else:
            analyser.see(item)

    track = pictures.track()
    length_s = duration_s() if callable(duration_s) else film_length_s(duration_s, track, sound)
    hard = find_cuts(track, length_s)
    cuts = tuple(sorted([*hard, *find_gradual(track, hard, length_s)], key=lambda cut: cut.time_s))
    activity = measure_activity(track, sound, cuts, length_s)
    shots = describe_shots(cuts, activity, length_s)
    has_sound = bool(np.any(activity.sound_db > AUDIBLE_DB))
    curve = analyser.read(Reading(length_s, shots, activity, cut_pace(cuts, length_s), has_sound))
    speech, source_music = listener.heard(length_s)
    curve = _with_voices(curve, speech)
    return Analysis(length_s, shots, curve, activity, speech, source_music)


def _with_voices(curve: EmotionCurve, speech: Speech) -> EmotionCurve:
    """The curve with how lively the voices are, whichever analyser made it; as it was where nobody speaks."""
    voice = voice_curve(speech, curve.times_s)
    if not len(voice):
        return curve
    return replace(curve, voice=voice, read_from=(*curve.read_from, "voices"))


def film_length_s(claimed_s: float, track: PictureTrack, sound: SoundMeter) -> float:
    """How long the film is, seconds.

    The claim, unless pictures come after it or everything ends well before it: a last picture may be held for as long
    as the longest before it was, and with a single picture nothing speaks against the claim.
    Raises BrokenMedia when there is no picture.
    """
    if len(track.times_s) == 0:
        raise BrokenMedia(
            "not one picture of the video could be read", "Check that it plays, or export it again from its editor."
        )
    seen_s = max(track.end_s, sound.end_s)
    if not math.isfinite(claimed_s) or claimed_s <= 0.0:
        return max(seen_s, LONE_PICTURE_S)
    if len(track.times_s) == 1:
        return max(claimed_s, track.end_s)
    longest_s = float(np.max(np.diff(track.times_s)))
    if claimed_s > seen_s + max(LATE_END_S, longest_s):
        return seen_s
    return max(claimed_s, track.end_s)
