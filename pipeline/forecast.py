"""About how long a run will take: a measured model of every stage, set right by earlier runs on this machine."""

from __future__ import annotations

import json
import math
import platform
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from scoring.video_info import VideoInfo

_EARLIER_RUNS = 12  # looked at: the newest, as a machine and its load change
_LONGEST_REPORT_BYTES = 16 * 2**20
_MEGA = 1e6


@dataclass(frozen=True, slots=True)
class Work:
    """What a run is to do. analysis_is_kept: the film need not be watched. music_s: seconds of music to be composed
    now, in all takes. pace: seconds of work for a second of music, of an engine that says so itself; 0 for the
    composer. reads_clip: CLIP reads the pictures. takes: how many films are made; compared: whether they are beside
    each other on a page.
    """

    film: VideoInfo
    file_bytes: int
    music_s: float
    analysis_is_kept: bool = False
    pace: float = 0.0
    reads_clip: bool = False
    takes: int = 1
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """How long a stage takes, seconds: at best, likely, at worst."""

    stage: str
    low_s: float
    likely_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """A span per stage that has anything to do, in order. learnt_from: how many earlier runs it builds on."""

    spans: tuple[Span, ...]
    learnt_from: int

    @property
    def low_s(self) -> float:
        """The whole run at best."""
        return sum(span.low_s for span in self.spans)

    @property
    def likely_s(self) -> float:
        """The whole run, likely."""
        return sum(span.likely_s for span in self.spans)

    @property
    def high_s(self) -> float:
        """The whole run at worst."""
        return sum(span.high_s for span in self.spans)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run that was made: its work, and what its stages took, seconds. Stages that were not done are left out."""

    work: Work
    stages_s: Mapping[str, float]


def forecast(work: Work, earlier: Sequence[Earlier] = (), *, slowness: float = 1.0) -> Forecast:
    """How long a run will take. earlier: runs on this machine. slowness: of this machine just now, as slowness() says.

    Earlier runs say how a stage compares with the others here. How slow all of it is, lies between what they say, or
    else the model, and what the machine's slowness says: that is of a moment, and a run lasts. The range holds both.
    """
    ranges = _model()["range"]
    levels = [ratio for run in earlier if (ratio := _whole_ratio(run)) is not None]
    usual = statistics.median(levels) if levels else 1.0
    low, high = ranges["known" if levels else "unknown"]
    spans = []
    for stage, model_s in _modelled(work).items():
        ratios = _ratios(stage, earlier)
        here_s = model_s * (statistics.median(ratios) / usual if ratios else 1.0)
        likely_s = here_s * math.sqrt(usual * slowness)
        spans.append(Span(stage, here_s * min(usual, slowness) * low, likely_s, here_s * max(usual, slowness) * high))
    return Forecast(tuple(spans), len(levels))


def calculation_s() -> float:
    """What the calculation of slowness() took where the model was measured, seconds."""
    return float(_model()["calculation"]["reference_s"])


def earlier_runs(folder: Path) -> list[Earlier]:
    """The newest runs whose workspaces lie in a folder, as far as they were made on a system like this one."""
    found = []
    for path in sorted(folder.glob("*.cuesmith/report.json"), key=_changed_s, reverse=True)[:_EARLIER_RUNS]:
        run = _read_run(path)
        if run is not None:
            found.append(run)
    return found


def _modelled(work: Work) -> dict[str, float]:
    """Seconds per stage as the model has them, in order; stages without work are left out."""
    model = _model()
    film, rows = work.film, model["stages"]
    rate = film.frame_rate.numerator / film.frame_rate.denominator
    megapixels = film.duration_s * rate * film.width_px * film.height_px / _MEGA
    megapixels *= model["codecs"].get(film.video_codec, 1.0)
    megabytes = work.file_bytes / _MEGA

    def stage_s(name: str, seconds: float) -> float:
        row = rows[name]
        return float(
            row.get("fixed_s", 0.0)
            + row.get("per_second", 0.0) * seconds
            + row.get("per_megapixel", 0.0) * megapixels
            + row.get("per_megabyte", 0.0) * megabytes
        )

    found = {"start": stage_s("start", film.duration_s)}
    if not work.analysis_is_kept:
        found["analyse"] = stage_s("analyse", film.duration_s)
        if work.reads_clip:
            found["analyse"] += model["clip"]["fixed_s"] + model["clip"]["per_second"] * film.duration_s
    found["spot"] = stage_s("spot", film.duration_s)
    if work.music_s > 0:
        paced_s = model["paced"]["fixed_s"] + work.pace * work.music_s
        found["compose"] = paced_s if work.pace else stage_s("compose", work.music_s)
    for name in ("mix", "master", "deliver", "measure"):
        found[name] = work.takes * stage_s(name, film.duration_s)
    if work.compared:
        found["compare"] = work.takes * stage_s("compare", film.duration_s)
    return found


def _ratios(stage: str, earlier: Sequence[Earlier]) -> list[float]:
    """What a stage took in earlier runs, against the model."""
    pairs = [(run.stages_s.get(stage), _modelled(run.work).get(stage)) for run in earlier]
    return [took_s / model_s for took_s, model_s in pairs if took_s and model_s]


def _whole_ratio(run: Earlier) -> float | None:
    """What an earlier run took, against the model, over the stages that it did; None where that is nothing."""
    modelled = _modelled(run.work)
    done = [(took_s, modelled[name]) for name, took_s in run.stages_s.items() if name in modelled and took_s > 0]
    return sum(took_s for took_s, _ in done) / sum(model_s for _, model_s in done) if done else None


def _read_run(report_path: Path) -> Earlier | None:
    """A run from its workspace; None where that cannot be read, is of an older version or of another system.

    A report only makes a guess better, so nothing about it is worth an error.
    """
    report, manifest = _read(report_path), _read(report_path.with_name("manifest.json"))
    try:
        if manifest["versions"]["platform"] != platform.platform():
            return None
        facts, stages_s = report["facts"], dict(report["stages_s"])
        made_s = sum(cue["out_s"] - cue["in_s"] for cue in report["cues"] if cue["composed_now"])
        is_all_composer = all(cue["engine"] == "composer" for cue in report["cues"])
        if facts["analysis_was_kept"] or facts["analyser"] != "colour-motion":
            stages_s.pop("analyse", None)
        if not made_s or not is_all_composer:
            stages_s.pop("compose", None)
        work = Work(VideoInfo.from_json(facts["video"]), int(manifest["input"]["bytes"]), made_s)
        return Earlier(work, {name: float(value) for name, value in stages_s.items() if name != "spot"})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _LONGEST_REPORT_BYTES:
            return {}
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@cache
def _model() -> dict[str, Any]:
    return tomllib.loads(resources.files("pipeline").joinpath("data/forecast.toml").read_text("utf-8"))
