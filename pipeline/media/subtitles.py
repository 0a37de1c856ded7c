"""The subtitles inside a film: which stream, and its lines as SubRip text, made by the gate's child."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.media import ffmpeg_gate
from pipeline.media.probe import MediaProbe, Stream
from pipeline.media.sound import first_picture_s
from pipeline.settings import Settings
from scoring.errors import TextError

MOST_BYTES = 4 * 2**20  # of text; four hours of talk are a tenth of it
TEXT_CODECS = frozenset({"mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "text"})
_READ_BYTES = 65536
# ISO 639 as containers write it.
_LANGUAGES = frozenset({"eng", "en", "chi", "zho", "zh", "cmn", "yue"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """stream: the one to read, None where there is none. skipped: why others were not, for people."""

    stream: Stream | None
    skipped: tuple[str, ...] = ()


def choose_subtitles(film: MediaProbe) -> Chosen:
    """The first text stream in English or Chinese, else the first; streams of pictures cannot be read."""
    streams = film.of_kind("subtitle")
    readable = [stream for stream in streams if stream.codec in TEXT_CODECS]
    pictures = [stream for stream in streams if stream.codec not in TEXT_CODECS]
    skipped = tuple(
        f"subtitle stream {stream.index} is not read: it is made of pictures, or of a kind not known ({stream.codec})"
        for stream in pictures
    )
    ours = [s for s in readable if s.language.lower().partition("-")[0] in _LANGUAGES]
    return Chosen(next(iter([*ours, *readable]), None), skipped)


def read_subtitles(film: MediaProbe, stream: Stream, settings: Settings) -> tuple[bytes, float]:
    """The stream as SubRip in UTF-8, and what to add to its times so that they are film time.

    Raises TextError where it is over MOST_BYTES, MediaToolError where ffmpeg cannot read it.
    """
    source = ffmpeg_gate.outside_input(film.path, film.container, settings)
    output = ffmpeg_gate.own_output(source[str(stream.index)], format="srt", scodec="subrip", map_metadata=-1)
    data = bytearray()
    with ffmpeg_gate.run(output, settings, film_s=film.longest_s) as child:
        while block := child.stdout.read(_READ_BYTES):
            child.touch()
            data += block
            if len(data) > MOST_BYTES:
                raise TextError(
                    f"subtitle stream {stream.index} of {film.path} has more than {MOST_BYTES // 2**20} MiB of text",
                    "Leave the film's subtitles alone with --no-subtitles",
                )
        child.finish()
    return bytes(data), -first_picture_s(film, settings)
