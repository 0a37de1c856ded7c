"""Subtitles to timed lines: SubRip, WebVTT and ASS, taken apart by pysubs2 after what could stall it is out."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Literal

from scoring.errors import TextError
from scoring.text.said import TimedText

Form = Literal["srt", "vtt", "ass"]
MOST_CUES = 30_000  # a spoken film of four hours has some 5,000
MOST_LINES = 200_000
_LONGEST_LINE = 2_000  # characters; what is beyond is dropped
_UNENDED_S = 1.0  # how long a line is taken to stay that does not end after its start
_ROLLING_GAP_S = 0.25
_ANGLED = re.compile(r"<[^<>\n]{0,300}>")
_BRACED = re.compile(r"\{[^{}\n]{0,300}\}")
_DRAWING = re.compile(r"\\p[1-9]")
_LONGEST_CUE = 1_000  # characters


def form_of(text: str) -> Form | None:
    """What kind of subtitles a text is; None where it has no times."""
    head = text[:4096].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT"):
        return "vtt"
    if re.match(r"\[(Script Info|V4\+? Styles|Events)\]", head, re.IGNORECASE):
        return "ass"
    return "srt" if re.search(r"^\s*-?\d{1,3}:\d{2}:\d{2}[,.]\d{1,3}\s*-->", head, re.MULTILINE) else None


def parse_cues(text: str, form: Form, where: str) -> list[TimedText]:
    """The lines in order of time, tags and drawings left out; times as they stand in the file.

    Raises TextError where there are too many cues or lines, or none that reads.
    """
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    lines = text.count("\n")
    if lines > MOST_LINES:
        raise TextError(f"{where} has {lines} lines", f"Give at most {MOST_LINES}")
    count = text.count("\nDialogue:") if form == "ass" else text.count("-->")
    if count > MOST_CUES:
        raise TextError(f"{where} has {count} cues", f"Give at most {MOST_CUES}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of layers and margins that do not read: not used here
            events = pysubs2.SSAFile.from_string("\n".join(_tame(text, form)), format_=form)
    except (Pysubs2Error, ValueError, IndexError, KeyError, AssertionError) as error:
        raise TextError(f"{where} does not read as {form} ({error})", "Save the subtitles as .srt in UTF-8") from error
    cues = [
        TimedText(event.start / 1000, event.end / 1000, spoken)
        for event in events
        if not event.is_comment and (spoken := _spoken(event.plaintext))
    ]
    if not cues:
        raise TextError(f"there is no line with words in {where}", "Is it the right file? Save it as .srt in UTF-8")
    ordered = sorted(
        (
            cue if cue.end_s > cue.start_s else TimedText(cue.start_s, cue.start_s + _UNENDED_S, cue.text)
            for cue in cues
        ),
        key=lambda cue: (cue.start_s, cue.end_s),
    )
    return list(_unrolled(ordered))


def _tame(text: str, form: Form) -> Iterator[str]:
    """The lines without tags: pysubs2's own search for them takes quadratic time where one is left open."""
    for line in text.split("\n"):
        short = line[:_LONGEST_LINE]
        if form == "ass" and _DRAWING.search(short):
            continue
        bare = _BRACED.sub("", short if form == "ass" else _ANGLED.sub("", short)).replace("{", "(")
        yield bare if form == "ass" else bare.replace("<", " ")


def _spoken(text: str) -> str:
    """The words of a cue on one line; dashes at the start of a line are a new speaker, so a new sentence."""
    plain = (
        html.unescape(_BRACED.sub("", _ANGLED.sub("", text[:_LONGEST_CUE])))
        .replace("\u200b", "")
        .replace("\u00a0", " ")
    )
    spoken = ""
    for line in (" ".join(part.split()) for part in plain.splitlines()):
        if not line:
            continue
        if not spoken:
            spoken = line.lstrip("-–— ")
        elif line[0] in "-–—":
            spoken += "\n" + line.lstrip("-–— ")
        else:
            spoken += ("，" if "\u3400" <= spoken[-1] <= "\u9fff" else " ") + line
    return spoken


def _unrolled(cues: Sequence[TimedText]) -> Iterator[TimedText]:
    """Without what a cue only repeats of the one before: automatic captions roll, and say every line twice."""
    before: TimedText | None = None
    for cue in cues:
        text = cue.text
        if before is not None and cue.start_s - before.end_s <= _ROLLING_GAP_S and text.startswith(before.text):
            text = text[len(before.text) :].lstrip(" ，\n")
        before = cue
        if text:
            yield TimedText(cue.start_s, cue.end_s, text)
