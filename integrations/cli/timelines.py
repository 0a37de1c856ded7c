"""`--timeline`: an editor's timeline in the place of detected cuts, shared by score, spot and submit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scoring.edit import Edit

TimelineFile = Annotated[
    Path | None,
    typer.Option(
        "--timeline",
        help="The film's timeline, OTIO, EDL, FCPXML or FCP 7 XML: its cuts and markers instead of detected cuts.",
    ),
]
HitColour = Annotated[
    str | None,
    typer.Option("--hit-colour", help="Of the timeline's markers, only those of this colour are hits. Default: all."),
]
TimelineTrack = Annotated[
    int | None,
    typer.Option(
        "--timeline-track", help="Look at this one video track, 1 is the lowest. Default: what is seen.", min=1
    ),
]
TimelineStart = Annotated[
    str | None,
    typer.Option(
        "--timeline-start",
        help="The timecode of the film's first picture, HH:MM:SS:FF, where the film is a part of the timeline.",
    ),
]


def read_edit(
    film: Path,
    timeline: Path | None,
    hit_colour: str | None = None,
    track: int | None = None,
    start: str | None = None,
) -> Edit | None:
    """What a timeline says of a film; None where none is given. The film is looked at for its frame rate.

    Raises TimelineError, InputError for another option without a timeline, and what probe raises.
    """
    from scoring.errors import InputError

    if timeline is None:
        for name, value in (("--hit-colour", hit_colour), ("--timeline-track", track), ("--timeline-start", start)):
            if value is not None:
                raise InputError(
                    f"{name} is {value!r}, and there is no --timeline", f"Add --timeline, or leave {name} out"
                )
        return None
    from integrations.timelines.reading.read_timeline import read_timeline
    from pipeline.media.probe import probe
    from pipeline.settings import Settings

    info = probe(film, Settings.from_env()).info
    return read_timeline(
        timeline,
        frame_rate=info.frame_rate,
        hit_colour=hit_colour,
        track=track,
        start=start,
        duration_s=info.duration_s,
    )
