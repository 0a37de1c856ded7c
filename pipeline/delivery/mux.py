"""Put the master beside the untouched picture, and say what the container could not take along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.delivery.containers import OutputContainer
from pipeline.media import ffmpeg_gate
from pipeline.media.probe import MediaProbe, probe
from pipeline.media.sound import bed_of, first_picture_s
from pipeline.settings import Settings
from pipeline.sound.master import Master
from scoring.errors import MediaToolError
from scoring.timebase import seconds_of


@dataclass(frozen=True, slots=True)
class Selection:
    """Which streams besides picture and score are tried: container indices by kind."""

    audio: tuple[int, ...]
    subtitles: tuple[int, ...]
    attachments: tuple[int, ...]


def mux(
    film: MediaProbe, master: Master, container: OutputContainer, path: Path, shift_s: float, settings: Settings
) -> tuple[str, ...]:
    """Write `path`: picture, chapters, subtitles, further sound and tags copied, the score as the first sound.

    shift_s: added to the score's start, to correct what was measured. Returns one sentence per thing lost.
    Raises MediaToolError when the container cannot even hold the picture.
    """
    for selection in _narrower(film):
        try:
            _run(film, master, container, path, selection, shift_s, settings)
        except MediaToolError as error:
            refused = error
            continue
        return _losses(film, path, container, settings)
    raise MediaToolError(
        f"{container.name} cannot hold this film's {film.info.video_codec} picture ({refused.what})",
        "Choose another container with -o, for example a name ending in .mkv",
    ) from refused


def _narrower(film: MediaProbe) -> Iterator[Selection]:
    """What to take along: everything, then less and less. Only what was refused is given up."""
    further = tuple(s.index for s in film.info.audio[1:])
    subtitles = tuple(s.index for s in film.of_kind("subtitle"))
    attachments = tuple(s.index for s in film.of_kind("attachment"))
    seen = set()
    for selection in (
        Selection(further, subtitles, attachments),
        Selection(further, subtitles, ()),
        Selection(further, (), ()),
        Selection((), subtitles, ()),
        Selection((), (), ()),
    ):
        if selection not in seen:
            seen.add(selection)
            yield selection


def _run(
    film: MediaProbe,
    master: Master,
    container: OutputContainer,
    path: Path,
    selection: Selection,
    shift_s: float,
    settings: Settings,
) -> None:
    picture = ffmpeg_gate.outside_input(film.path, film.container, settings)
    # ffmpeg's clock starts with the earliest stream; the score starts with the first picture.
    score = ffmpeg_gate.own_input(master.path, itsoffset=f"{first_picture_s(film, settings) + shift_s:.6f}")
    kept = (*selection.audio, *selection.subtitles, *selection.attachments)
    streams = [picture[str(film.video)], score["a:0"], *(picture[str(index)] for index in kept)]
    language = film.info.audio[0].language if film.info.audio else ""
    tags = {"metadata:s:a:0": f"language={language}"} if language and language != "und" else {}
    output = ffmpeg_gate.own_output(
        *streams,
        path=path,
        format=container.muxer,
        codec="copy",
        map_metadata=0,
        map_chapters=0,
        **{"disposition:a:0": "default"},
        strict="unofficial",  # Dolby Vision configuration boxes are copied only so
        max_interleave_delta=0,
        **tags,
        **container.options,
    )
    film_s = seconds_of(master.total_samples)
    ffmpeg_gate.run_through(output, settings, film_s=film_s)


def _losses(film: MediaProbe, path: Path, container: OutputContainer, settings: Settings) -> tuple[str, ...]:
    """What the result lacks of the film, read back from the result."""
    made = probe(path, settings, shortest_s=0.0)
    losses = []
    for kind, name in (("audio", "further sound track"), ("subtitle", "subtitle track"), ("attachment", "attachment")):
        # The film's first sound is in the mix, or there was none; either way the score stands in its place.
        before = len(film.of_kind(kind)) - (1 if kind == "audio" and film.info.audio else 0)
        lost = before - (len(made.of_kind(kind)) - (1 if kind == "audio" else 0))
        if lost > 0:
            losses.append(f"{lost} {name}{'s' if lost > 1 else ''} that {container.name} cannot hold")
    if film.chapters > made.chapters:
        losses.append(f"{film.chapters - made.chapters} chapter marks that {container.name} cannot hold")
    if film.timecode and film.timecode != made.timecode:
        losses.append(f"the start timecode {film.timecode}")
    # Timecode and QuickTime chapters are data tracks too, and reappear as such when they are kept.
    data = len(film.of_kind("data")) - len(made.of_kind("data"))
    if data > 0:
        losses.append(f"{data} data track{'s' if data > 1 else ''} (camera or sensor data)")
    if any(s.is_picture_attached for s in film.streams):
        losses.append("the cover picture")
    if film.info.rotation_deg != made.info.rotation_deg:
        losses.append(f"the rotation of {film.info.rotation_deg}°")
    if film.colour != made.colour and any(c not in (0, 2) for c in film.colour):
        losses.append("part of the colour description")
    if film.info.audio and film.info.audio[0].channels > bed_of(film).size:
        losses.append(f"the {film.info.audio[0].layout} layout of the sound, mixed down to stereo")
    return tuple(losses)
