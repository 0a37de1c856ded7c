r"""The timed prompt text: one line per cue, for people who would rather write than edit JSON.

    # a comment
    [0:15] "soft guitar, 60 BPM"
    [15:30.5] "drums enter, 90 BPM"

Times are plain seconds. Within quotes \" is a quote, \\ a backslash, \n a new line; after the closing quote a
# comment may follow. Without quotes the prompt is the rest of the line, as it stands. Curly, full-width and corner
quotes, and full-width or lenticular brackets, digits and colons mean the same: 【０：１５】“轻柔的吉他，每分钟60拍”.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.cue_sheet import CueSheet
from scoring.errors import PromptTextError
from scoring.limits import BPM_RANGE, SHORTEST_CUE_S
from scoring.recut import Wanted, recut
from scoring.timebase import TimeRange
from scoring.wishes.numbers import asked_bpm

FORM = 'a line such as [0:15] "soft guitar, 60 BPM"'
FORGIVEN_S = 1.0  # the last range may end this far from the film's end and mean it
SNAP_S = 0.05  # at most; a time within a frame of where a cue starts or ends now means that place
_HEAD = re.compile(r"[\[［【]([^\]］】]*)[\]］】]\s*(.*)")
_TIME = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(?:s|秒)?", re.IGNORECASE)
# Opening characters and those that may close what they opened, the first choice alone where it fits.
_QUOTES = {'"': ('"', "“”„‟＂"), "「": ("」",), "『": ("』",), "«": ("»",), "'": ("'",), "‘": ("’'",)}
_QUOTES |= dict.fromkeys("“”„‟＂", ("“”„‟＂", '"'))
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def write(sheet: CueSheet) -> str:
    """The sheet's ranges and prompts as timed prompt text. apply() of it gives the same sheet back."""
    lines = ['# One line per cue: [start:end] "prompt". Times are plain seconds; a gap between lines is silence.']
    lines += [f"[{_seconds(cue.in_s)}:{_seconds(cue.out_s)}] {_quoted(cue.prompt)}" for cue in sheet.cues]
    return "\n".join(lines) + "\n"


def apply(text: str, sheet: CueSheet) -> CueSheet:
    """The sheet with its cues cut and prompted as the text says; what the text does not change stays as it is.

    A range as it was keeps its cue; a new prompt is put in, and a tempo it names ("60 BPM", "每分钟90拍") becomes the
    cue's, exactly. A new range takes everything else from the cue it overlaps most. Gaps become silences. Applying
    the same text again changes nothing. Raises PromptTextError: the line, what was found, what is allowed.
    """
    lines = _settle(list(_parse(text)), sheet)
    if not lines:
        raise PromptTextError("line 1: there is no prompt in the text", f"Allowed: {FORM}")
    lines.sort(key=lambda line: line.start_s)
    lines[-1] = _stretch_last(lines[-1], sheet)
    _check(lines, sheet)
    return recut(sheet, [Wanted(TimeRange(line.start_s, line.end_s), line.prompt) for line in lines])


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    start_s: float
    end_s: float
    prompt: str


def _seconds(time_s: float) -> str:
    return f"{time_s:.6f}".rstrip("0").rstrip(".")


def _quoted(prompt: str) -> str:
    quoted = json.dumps(prompt, ensure_ascii=False)
    # No file holds a lone surrogate.
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _parse(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), 1):
        line = raw.strip()
        if not line or line[0] in "#＃":
            continue
        head = _HEAD.fullmatch(line)
        if head is None:
            raise PromptTextError(f"line {number}: found {raw!r}", f"Allowed: {FORM}, a comment after #, or nothing")
        start_s, end_s = _read_range(head[1], number)
        yield _Line(number, start_s, end_s, _read_prompt(head[2], number))


def _read_range(found: str, number: int) -> tuple[float, float]:
    plain = unicodedata.normalize("NFKC", found).replace("∶", ":")
    times = [_TIME.fullmatch(part.strip()) for part in plain.split(":")]
    if len(times) != 2 or times[0] is None or times[1] is None:
        raise PromptTextError(
            f"line {number}: the range is {found!r}",
            "Allowed: start and end in plain seconds with a colon between, such as [75:90.5] for 1:15 to 1:30.5",
        )
    return round(float(times[0][1]), 6), round(float(times[1][1]), 6)


def _read_prompt(found: str, number: int) -> str:
    if not found:
        raise PromptTextError(f"line {number}: there is no prompt after the range", f"Allowed: {FORM}")
    prompt = _unquoted(found, number) if found[0] in _QUOTES else found
    bpm = asked_bpm(prompt)
    if bpm is not None and not BPM_RANGE[0] <= bpm <= BPM_RANGE[1]:
        raise PromptTextError(
            f"line {number}: the tempo is {bpm:g} BPM", "Allowed: {:g} to {:g} BPM".format(*BPM_RANGE)
        )
    return prompt


def _unquoted(found: str, number: int) -> str:
    for closing in _QUOTES[found[0]]:
        inside = re.fullmatch(rf".((?:\\.|[^\\])*?)[{closing}]\s*(?:[#＃].*)?", found)
        if inside:
            return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, inside[1])
    if found[0] in "'‘":  # an apostrophe: '80s synths
        return found
    raise PromptTextError(
        f"line {number}: the prompt is {found!r}", 'Allowed: a closing quote at the end; a quote inside is written \\"'
    )


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code if code in "\"'\\/" else match[0])


def _settle(lines: list[_Line], sheet: CueSheet) -> list[_Line]:
    """The lines with their times at the edges they mean; what runs a little past the film's end ends with it.

    A time that would make its range too short by moving stays where it was written, in every line it stands in.
    """
    for line in lines:
        _check_runs_forward(line, sheet)
    edges_s = {0.0, sheet.duration_s, *(t for cue in sheet.cues for t in (cue.in_s, cue.out_s))}
    reach_s = min(SNAP_S, sheet.frame_rate.frame_s)
    meant_s = {t: _snap(t, edges_s, reach_s) for line in lines for t in (line.start_s, line.end_s)}
    for line in lines:
        moved_s = meant_s[line.end_s] - meant_s[line.start_s]
        if moved_s < SHORTEST_CUE_S - 1e-9 <= line.end_s - line.start_s:
            meant_s |= {line.start_s: line.start_s, line.end_s: line.end_s}
    return [
        _Line(line.number, meant_s[line.start_s], min(meant_s[line.end_s], sheet.duration_s), line.prompt)
        for line in lines
    ]


def _check_runs_forward(line: _Line, sheet: CueSheet) -> None:
    if line.end_s <= line.start_s:
        raise PromptTextError(
            f"line {line.number}: the range ends at {line.end_s:g} and starts at {line.start_s:g}",
            "Allowed: an end after the start",
        )
    if line.end_s > sheet.duration_s + FORGIVEN_S:
        raise PromptTextError(
            f"line {line.number}: the range ends at {line.end_s:g}",
            f"Allowed: up to {_seconds(sheet.duration_s)}, the film's end",
        )


def _snap(time_s: float, edges_s: set[float], reach_s: float) -> float:
    nearest_s = min(edges_s, key=lambda edge_s: (abs(edge_s - time_s), edge_s))
    return nearest_s if abs(nearest_s - time_s) <= reach_s else time_s


def _stretch_last(line: _Line, sheet: CueSheet) -> _Line:
    """The last range ends with the film where it nearly does, unless a cue ends exactly there today."""
    is_meant = any(line.end_s == cue.out_s for cue in sheet.cues)
    if is_meant or sheet.duration_s - line.end_s > FORGIVEN_S:
        return line
    return _Line(line.number, line.start_s, sheet.duration_s, line.prompt)


def _check(lines: list[_Line], sheet: CueSheet) -> None:
    """In order of time: long enough, in the film, without overlap."""
    before: _Line | None = None
    for line in lines:
        if line.start_s >= sheet.duration_s:
            raise PromptTextError(
                f"line {line.number}: the range starts at {line.start_s:g}",
                f"Allowed: before {_seconds(sheet.duration_s)}, the film's end",
            )
        if line.end_s - line.start_s < SHORTEST_CUE_S - 1e-9:
            raise PromptTextError(
                f"line {line.number}: the range [{_seconds(line.start_s)}:{_seconds(line.end_s)}] is too short",
                f"Allowed: {SHORTEST_CUE_S:g} s or longer",
            )
        if before is not None and line.start_s < before.end_s:
            raise PromptTextError(
                f"line {line.number}: the range starts at {_seconds(line.start_s)}, while line {before.number} runs",
                f"Allowed: {_seconds(before.end_s)} or later, where that one ends",
            )
        before = line
