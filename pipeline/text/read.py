"""The words that go with a film: a file of subtitles or a transcript, a description, and what is inside the film."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.media.probe import MediaProbe
from pipeline.media.subtitles import choose_subtitles, read_subtitles
from pipeline.settings import Settings
from pipeline.text.cues import form_of, parse_cues
from pipeline.text.encoding import decode
from pipeline.workspace import digest
from scoring.errors import MediaToolError, TextError
from scoring.text.said import Said, TimedText, read_lines, read_whole

MOST_BYTES = 4 * 2**20
MOST_CHARACTERS = {"transcript": 500_000, "description": 20_000}  # four hours of talk are some 250,000


@dataclass(frozen=True, slots=True)
class Words:
    """What was read. said: the texts with their feeling, for scoring.text.fusion.fuse.

    where: what they were read from, for people. notes: what was not used and why, each fit to be shown as it is.
    """

    said: tuple[Said, ...]
    where: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Changes with the words, their times and what the lexicon says of them."""
        return digest([text.to_json() for text in self.said])


def read_words(
    film: MediaProbe,
    settings: Settings,
    *,
    file: Path | None = None,
    description: str = "",
    embedded: bool = True,
) -> Words | None:
    """The words of a file, of a description and of the film's own subtitles; None where there is nothing at all.

    embedded: read the subtitles inside the film; not where a file of subtitles is given, which then stand for them.
    Raises TextError where the file or the description cannot be read. What is inside the film is read if it can be:
    subtitles that cannot are left out with a note.
    """
    found: list[tuple[Said, str, tuple[str, ...]]] = []
    notes: list[str] = []
    if file is not None:
        found.append(_read_file(file, film))
    if description.strip():
        found.append(_read_description(description))
    if embedded and not any(said.kind == "subtitles" for said, _, _ in found):
        inside, skipped = _read_embedded(film, settings)
        notes += skipped
        found += [inside] if inside is not None else []
    notes += [note for _, _, own in found for note in own]
    used = [(said, where) for said, where, _ in found if said.says_something]
    if not used and not notes:
        return None
    return Words(tuple(said for said, _ in used), tuple(where for _, where in used), tuple(notes))


def _read_file(path: Path, film: MediaProbe) -> tuple[Said, str, tuple[str, ...]]:
    decoded = decode(_bytes(path), path.name)
    form = form_of(decoded.text)
    if form is None and path.suffix.lower() in (".srt", ".vtt", ".ass", ".ssa"):
        raise TextError(f"{path.name} has no times of subtitles in it", "Save it as .srt, or as .txt without times")
    where = f"{path.name} ({decoded.encoding})"
    if form is None:
        said = _read_whole(decoded.text, "transcript", path.name)
        return said, where, _about(said, path.name)
    cues, notes = _in_film(parse_cues(decoded.text, form, path.name), film, path.name)
    said = read_lines(cues)
    return said, where, (*notes, *_about(said, path.name))


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise TextError(f"there is no file {path}", "Check the path; --describe takes a text itself")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise TextError(f"{path} cannot be read ({error})", "Check the path and its permissions") from error
    if len(data) > MOST_BYTES:
        raise TextError(
            f"{path.name} has more than {MOST_BYTES // 2**20} MiB", "Subtitles of a long film are far below"
        )
    if not data.strip():
        raise TextError(f"{path.name} is empty", "Give subtitles, a transcript, or leave it out")
    return data


def _read_description(text: str) -> tuple[Said, str, tuple[str, ...]]:
    said = _read_whole(text, "description", "the description")
    return said, "the description", _about(said, "the description")


def _read_whole(text: str, kind: Literal["transcript", "description"], where: str) -> Said:
    if len(text) > MOST_CHARACTERS[kind]:
        raise TextError(f"{where} has {len(text)} characters", f"Give at most {MOST_CHARACTERS[kind]}")
    return read_whole(text, kind)


def _read_embedded(
    film: MediaProbe, settings: Settings
) -> tuple[tuple[Said, str, tuple[str, ...]] | None, tuple[str, ...]]:
    chosen = choose_subtitles(film)
    if chosen.stream is None:
        return None, chosen.skipped
    where = f"subtitle stream {chosen.stream.index} of the film"
    try:
        data, shift_s = read_subtitles(film, chosen.stream, settings)
        lines = parse_cues(decode(data, where).text, "srt", where)
    except (TextError, MediaToolError) as error:
        return None, (*chosen.skipped, f"{where} was left out: {error.what}")
    moved = [TimedText(line.start_s + shift_s, line.end_s + shift_s, line.text) for line in lines]
    cues, notes = _in_film(moved, film, where)
    said = read_lines(cues)
    return (said, where, (*notes, *_about(said, where))), chosen.skipped


def _in_film(lines: list[TimedText], film: MediaProbe, where: str) -> tuple[list[TimedText], tuple[str, ...]]:
    """The lines that are in the film, cut to it, and a note on the others."""
    end_s = film.longest_s or float("inf")
    inside = [
        TimedText(max(line.start_s, 0.0), min(line.end_s, end_s), line.text)
        for line in lines
        if line.end_s > 0 and line.start_s < end_s
    ]
    outside = len(lines) - len(inside)
    return inside, (f"{outside} of {len(lines)} lines of {where} lie outside the film",) if outside else ()


def _about(said: Said, where: str) -> tuple[str, ...]:
    """Why a text says nothing, where it does not."""
    if said.says_something:
        return ()
    if said.language == "other":
        return (f"{where} is in a language that is not read: only English and Chinese words are",)
    return (f"no word of feeling was found in {where}",)
