"""The front door of inspection: a scored video in, whoever made it; the card's rows out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.card.card import measure_card
from pipeline.card.evidence import Encoded, Evidence, Levels
from pipeline.card.limits import limits, unmeasured
from pipeline.card.row import Row
from pipeline.given import read_text
from pipeline.inspection.align import Alignment, Astray
from pipeline.inspection.hearing import Apart, Together, hear_apart, hear_together
from pipeline.inspection.planned import Planned, plan_of_project, plan_of_sheet
from pipeline.media.probe import MediaProbe, probe
from pipeline.project import open_project, workspace_of
from pipeline.settings import Settings
from pipeline.sound.automation import Automation
from pipeline.sound.clearance import STEPS_PER_S, spoken
from pipeline.sound.loudness import LoudnessTarget
from pipeline.sound.measured import measure_film
from pipeline.wish import Observer, Silent
from scoring import cue_sheet_json
from scoring.errors import Conflict, CueSheetError, ProjectMissing, UnsupportedMedia
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

NONE: Final = "none"
CLEARANCE_LU = 14.0
_LATEST_MS = 500.0  # a source that lies further off was cut differently; that says nothing of muxing
_FAINTEST = 1e-3  # a planned gain of −30 dB: what is left of the music below is not the music
_MASTERED_LU = 0.5  # what the limiter takes from speech more than from music, and what is left of speech in the music
_LONGER_S = 0.1  # a sheet's length and a file's may differ by what coders add
_OF_MUSIC = ("B", "D", "E", "G1", "G3", "G4", "S1")  # rows that would be measurable with the music by itself
_OF_SPEECH = ("E1", "E2", "E3")
_ALONE = "Nobody knows what is music and what is the film's own sound here; name the film as it was with --source"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A film measured.

    rows: the card. notes: what was found on the way, sentences for people. source: the film as it was, where it was
    found and heard. alignment: how the source lies in it. planned: what was planned, where that is known. speech: where
    somebody speaks, in the source or, without one, in all that sounds.
    """

    film: MediaProbe
    rows: tuple[Row, ...]
    evidence: Evidence
    notes: tuple[str, ...] = ()
    source: Path | None = None
    alignment: Alignment | None = None
    planned: Planned | None = None
    speech: tuple[TimeRange, ...] = ()

    @property
    def failing(self) -> list[Row]:
        """The rows that fail."""
        return [row for row in self.rows if row.status == "fail"]


def inspect_video(
    path: Path,
    *,
    source: Path | Literal["none"] | None = None,
    cues: Path | Literal["none"] | None = None,
    target: LoudnessTarget | None = None,
    clearance_lu: float | None = None,
    observer: Observer | None = None,
    settings: Settings | None = None,
) -> Inspected:
    """Measure a scored video.

    source: the film before it was scored, whose sound is taken away to have the music by itself; "none": it had no
    sound. cues: the cue sheet it was scored by; "none" looks for no plan. A file that Cuesmith made and that still has
    its workspace needs neither. target: the standard its loudness is judged by, else the workspace's; told only
    without either. clearance_lu: how far speech is to stand above the music, LU, else the workspace's; without either
    nobody is held to it, and the clearance is told beside the usual 14.
    Raises an InputError leaf for a file that is missing, no video, without sound, or a sheet of another film.
    """
    observer, settings = observer or Silent(), settings or Settings()
    notes: list[str] = []

    def note(text: str) -> None:
        notes.append(text)
        observer.note(text)

    film = probe(path, settings)
    if not film.info.audio:
        raise UnsupportedMedia(f"{path} has no sound", "Give a video with music; without sound nothing can be measured")
    planned = _planned(film, cues, note)
    own = _source(source, planned, settings, note)
    heard, why = _hear(film, own, settings, planned.speech if planned else None, observer.stage("listen"))
    if why:
        note(why)
    elif own is None:
        note("All that sounds is taken for music, as nobody speaks in it; name the film as it was with --source if not")
    measured = measure_film(film, settings, observer.stage("measure"))
    evidence = Evidence(
        duration_s=film.info.duration_s or heard.whole.duration_s,
        music=None if why else heard.whole if isinstance(heard, Together) else heard.music,
        whole=heard.whole,
        plan=planned.plan if planned else None,
        levels=None if why else _levels(heard, planned, clearance_lu),
        curve=planned.curve if planned else None,
        encoded=Encoded(
            integrated_lufs=measured.integrated_lufs,
            true_peak_dbtp=measured.true_peak_dbtp,
            range_lu=measured.range_lu,
            length_error_s=None if film.declared_s is None else heard.whole.duration_s - film.declared_s,
            frame_s=film.info.frame_rate.frame_s,
            offset_ms=_offset_ms(heard),
            target=target or (planned.target if planned else None),
        ),
        has_source=isinstance(heard, Apart),
    )
    return Inspected(
        film=film,
        rows=_explained(measure_card(evidence), why, is_spoken=bool(heard.speech)),
        evidence=evidence,
        notes=tuple(notes),
        source=own.path if isinstance(own, MediaProbe) else None,
        alignment=heard.alignment if isinstance(heard, Apart) else None,
        planned=planned,
        speech=heard.speech,
    )


def _planned(film: MediaProbe, cues: Path | Literal["none"] | None, note: Callable[[str], None]) -> Planned | None:
    """What was planned: by the sheet that is named, else by the workspace of the run that made this very file."""
    if cues == NONE:
        return None
    if cues is not None:
        sheet = cue_sheet_json.loads(read_text(Path(cues)))
        off_s = abs(sheet.duration_s - film.info.duration_s)
        if film.info.duration_s and off_s > max(_LONGER_S, 1.5 * film.info.frame_rate.frame_s):
            allowed = f"{film.info.duration_s:.3f}, the length of {film.path.name}"
            raise CueSheetError.field("the cue sheet", "duration_s", sheet.duration_s, allowed)
        return plan_of_sheet(sheet)
    folder = workspace_of(film.path)
    if not folder.is_dir():
        return None
    try:
        project = open_project(folder)
    except (ProjectMissing, Conflict) as error:
        note(f"without a plan: {error}")
        return None
    if project.video is None or not project.video.samefile(film.path):
        return None
    return plan_of_project(project)


def _source(
    source: Path | Literal["none"] | None, planned: Planned | None, settings: Settings, note: Callable[[str], None]
) -> MediaProbe | Literal["none"] | None:
    """The film as it was: as named, else as the workspace remembers it. "none": its own sound is not in the result."""
    if source == NONE or (planned is not None and planned.dialogue == "replace"):
        return NONE
    path = None if source is None else Path(source)
    if path is None and planned is not None and planned.project is not None:
        path = planned.project.film
        if not path.exists():
            note(f"{path} is no longer there; name it as it is called now with --source")
            return None
    if path is None:
        return None
    found = probe(path, settings)
    return found if found.info.audio else NONE


def _hear(
    film: MediaProbe,
    own: MediaProbe | Literal["none"] | None,
    settings: Settings,
    speech: tuple[TimeRange, ...] | None,
    advance: Callable[[float], None],
) -> tuple[Apart | Together, str]:
    """The film's sound, and why the music in it cannot be told from the rest; "" where it can."""
    if isinstance(own, MediaProbe):
        found = hear_apart(film, own, settings, speech, advance)
        if not isinstance(found, Astray):
            return found, ""
        why = f"{own.path.name} could not be aligned with {film.path.name}: {found.why}"
        return hear_together(film, settings, advance), f"{why}. Without it, what is music cannot be told"
    together = hear_together(film, settings, advance)
    if own == NONE:
        return replace(together, speech=()), ""  # whoever is heard sings
    return together, _ALONE if together.speech else ""


def _levels(heard: Apart | Together, planned: Planned | None, clearance_lu: float | None) -> Levels:
    """The stems as they are in the finished sound."""
    apart = isinstance(heard, Apart)
    music = heard.music.energy if isinstance(heard, Apart) else heard.whole.energy
    source = heard.source if isinstance(heard, Apart) else np.zeros(music.size)
    wanted_lu = clearance_lu or (planned.clearance_lu if planned else None) or CLEARANCE_LU
    return Levels(
        music=music,
        source=source,
        voice=source,
        speech=spoken(heard.speech, source) if apart else (),
        wanted_lu=wanted_lu - _MASTERED_LU,
        is_ducked=apart and (clearance_lu is not None or (planned is not None and planned.is_ducked)),
        unducked=_unducked(music, planned),
        quiet=planned.plan.rests if planned else (),
    )


def _unducked(energy: NDArray[np.float64], planned: Planned | None) -> NDArray[np.float64] | None:
    """The music before its planned gain; None where that is not known.

    Where it was muted nothing of it can be known, and it counts as silent.
    """
    if planned is None or planned.project is None:
        return None
    gain_db = planned.plan.gain_db
    if gain_db is None:
        return energy
    power = Automation(gain_db.astype(np.float32)).power(energy.size, STEPS_PER_S)
    return np.where(power > _FAINTEST, energy / np.maximum(power, _FAINTEST), 0.0)


def _offset_ms(heard: Apart | Together) -> float | None:
    """How much later the film's own sound comes than it did in the source."""
    if not isinstance(heard, Apart):
        return None
    offset_ms = 1000 * heard.alignment.offset_samples / SAMPLE_RATE_HZ
    return offset_ms if abs(offset_ms) <= _LATEST_MS else None


def _explained(rows: tuple[Row, ...], why: str, *, is_spoken: bool) -> tuple[Row, ...]:
    """The card with the reason that is known here, where the music could not be told from the rest."""
    if not why:
        return rows
    told = [
        replace(row, advice=why) if row.status == "not measurable" and row.id.startswith(_OF_MUSIC) else row
        for row in rows
    ]
    present = {row.id for row in rows}
    if is_spoken:
        told += [unmeasured(name, why) for name in _OF_SPEECH if name not in present]
    order = {name: place for place, name in enumerate(limits())}
    return tuple(sorted(told, key=lambda row: order[row.id]))
