"""A scored film as a timeline, before any format: frames, clips and markers. The formats' writers only spell it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.timelines.markers import Marker, film_markers, read_curve
from integrations.timelines.rates import timeline_rate
from scoring.errors import InputError
from scoring.timecode import DROP_RATES, Timecode, is_drop_label, nearest_frame

if TYPE_CHECKING:
    from pipeline.project import Project

_UNKNOWN_SIZE = (1920, 1080)  # of a film whose workspace does not say; editors' programs take the clip's own


@dataclass(frozen=True, slots=True)
class Clip:
    """A media file that plays from the timeline's first frame to its last.

    starts_at: the frame that the file's own timecode gives its beginning. channels: of its sound, 0 where it has none
    or none that is to be heard. is_muted: on the timeline, to be heard when somebody wants it.
    """

    name: str
    path: Path
    starts_at: int = 0
    channels: int = 2
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class FilmTimeline:
    """All of it, every time in frames.

    start: the frame that the first picture is on; frames: how many there are. picture.channels says whether the film's
    own sound is on the timeline beside the picture. losses: what the timeline cannot say, for people.
    """

    name: str
    timecode: Timecode
    start: int
    frames: int
    picture: Clip
    music: Clip
    stems: tuple[Clip, ...]
    markers: tuple[Marker, ...]
    width_px: int
    height_px: int
    losses: tuple[str, ...] = ()

    @property
    def sounds(self) -> tuple[Clip, ...]:
        """What is heard, or would be, in order: the film's own sound, the music, the stems."""
        own = (self.picture,) if self.picture.channels else ()
        return (*own, self.music, *self.stems)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a timeline begins: its labels, the frame of its first picture, that of the film's own timecode."""

    timecode: Timecode
    frame: int
    film_frame: int
    losses: tuple[str, ...] = ()

    @property
    def real_s(self) -> float:
        """The first picture's place in real seconds after 00:00:00:00, as a Broadcast Wave counts."""
        return float(self.timecode.seconds(self.frame))


def timeline_start(project: Project, label: str | None = None) -> Start:
    """Where the timeline begins: at a label, "01:00:00:00" (drop-frame with ";"), or as the film's own timecode has it.

    Raises InputError for what is no label at the film's rate, and where the film would pass midnight.
    """
    rate, told = timeline_rate(project.sheet.frame_rate, _is_variable(project))
    is_drop = is_drop_label(project.timecode) and rate in DROP_RATES if label is None else is_drop_label(label)
    if is_drop and rate not in DROP_RATES:
        raise InputError(f"{label} is drop-frame, and the timeline has {rate} frames a second", "Write it with colons")
    timecode = Timecode(rate, is_drop)
    own = nearest_frame(project.starts_at_s, rate)
    try:
        first = own if label is None else timecode.frame(label)
    except ValueError as error:
        raise InputError(f"--start: {error}", "Write it as 01:00:00:00, or 01:00:00;00 for drop-frame") from error
    if first + nearest_frame(project.sheet.duration_s, rate) >= timecode.day_frames:
        raise InputError(
            f"a timeline of this film that starts at {timecode.label(first)} passes midnight", "Start it earlier"
        )
    return Start(timecode, first, own, (told,) if told else ())


def film_timeline(
    project: Project, start: Start, music: Path, music_starts_at: int, with_stems: bool | None = None
) -> FilmTimeline:
    """The timeline of a scored film.

    music: the finished music by itself; music_starts_at: the frame of its own time stamp. with_stems: None where there
    are some.
    """
    rate = start.timecode.rate
    picture, told = _picture(project, start.film_frame)
    stems = project.stems if with_stems is not False else ()
    curve, unread = read_curve(project)
    losses = [*start.losses, *told, *filter(None, [unread])]
    if with_stems and not stems:
        losses.append("there are no stems: run cuesmith score --stems, then export")
    info = project.info
    width_px, height_px = (info.width_px, info.height_px) if info else _UNKNOWN_SIZE
    return FilmTimeline(
        name=project.name,
        timecode=start.timecode,
        start=start.frame,
        frames=max(1, nearest_frame(project.sheet.duration_s, rate)),
        picture=picture,
        music=Clip("Music", music, music_starts_at),
        stems=tuple(Clip(path.stem, path, is_muted=True) for path in stems),
        markers=film_markers(project, rate, curve),
        width_px=width_px,
        height_px=height_px,
        losses=tuple(losses),
    )


def _is_variable(project: Project) -> bool:
    """Whether the film's pictures come unevenly: as its decoding found, or as its header admits."""
    found = project.report.get("facts", {}).get("is_variable_rate", False)
    return bool(found) or (project.info is not None and project.info.is_variable_rate)


def _picture(project: Project, starts_at: int) -> tuple[Clip, list[str]]:
    """The film itself, or what stands in for it, and what to tell people of that."""
    streams = project.info.audio if project.info else ()
    channels = streams[0].channels if streams else 2
    if project.film.is_file():
        told = [f"the film has {len(streams)} sound tracks; the timeline has the first"] if len(streams) > 1 else []
        own = Clip(project.film.name, project.film, starts_at, channels if project.has_sound else 0)
        return own, told if project.has_sound else []
    if project.video is not None:
        told = ["the film is no longer there: the picture is the finished film's, without its sound"]
        return Clip(project.video.name, project.video, 0, 0), told
    told = [f"the film is no longer there: show your program where {project.film.name} is"]
    return Clip(project.film.name, project.film, starts_at, channels if project.has_sound else 0), told
