"""The front door of looking without scoring: a film in; its analysis out, as a picture and as rows where asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.chart.chart import draw_chart
from pipeline.chart.rows import write_rows
from pipeline.chart.strip import stills_in
from pipeline.listen import watch
from pipeline.looking import open_looking
from pipeline.publish import check_writable, write_bytes
from pipeline.settings import Settings
from pipeline.wish import Observer, Silent, Wish
from scoring.analysis import Analysis
from scoring.errors import OutputRefused
from scoring.video_info import VideoInfo


@dataclass(frozen=True, slots=True)
class Analysed:
    """A film's analysis and where it is kept. plot, csv: the files written, None where not asked for."""

    info: VideoInfo
    analysis: Analysis
    workspace: Path
    plot: Path | None = None
    csv: Path | None = None


def analyse_video(
    video: Path,
    wish: Wish | None = None,
    *,
    plot: Path | None = None,
    csv: Path | None = None,
    workspace: Path | None = None,
    observer: Observer | None = None,
    settings: Settings | None = None,
) -> Analysed:
    """Analyse a film, draw it and write its rows; compose nothing and ask for no engine.

    plot: a PNG to draw. csv: a file of rows to write. workspace: the folder that `film.cuesmith/` lies in; the film's
    own when None. An analysis kept there of this very film is used again, as `score_video` would.
    Raises an InputError leaf when the film or a place cannot be used, and another CuesmithError when we fail.
    """
    places = [place for place in (_place(plot, ".png"), _place(csv, ".csv")) if place is not None]
    for place in places:
        check_writable(place.parent)
    looking = open_looking(video, wish or Wish(), observer or Silent(), settings or Settings(), workspace)
    with looking.workspace.tidy():
        analysis = watch(looking).analysis
    if plot is not None:
        stills = stills_in(looking.workspace.folder / "stills")
        write_bytes(plot.absolute(), draw_chart(analysis, name=looking.film.path.name, stills=stills))
    if csv is not None:
        write_bytes(csv.absolute(), write_rows(analysis, looking.film.info.frame_rate))
    looking.clock.stop()
    return Analysed(looking.film.info, analysis, looking.workspace.folder, plot, csv)


def _place(path: Path | None, suffix: str) -> Path | None:
    """Where a file goes. Raises OutputRefused where its name does not say what it will be, or its folder is missing."""
    if path is None:
        return None
    if path.suffix.lower() != suffix:
        raise OutputRefused(f"{path} does not end in {suffix}", f"It will be a {suffix[1:].upper()} file; name it so")
    if not path.absolute().parent.is_dir():
        raise OutputRefused(f"there is no folder {path.absolute().parent}", "Create it, or choose another place")
    return path.absolute()
