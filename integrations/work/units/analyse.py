"""Look at a film and listen to it; needs no engine."""

from __future__ import annotations

from integrations.service.faults import checkpoint
from integrations.work.desk import Desk, plain, without_places
from integrations.work.task import Outcome
from integrations.work.units.looking import put_analysis
from integrations.work.wishes import for_looking
from pipeline.known import Known
from pipeline.listen import Heard, watch
from pipeline.looking import Looking, open_looking


def analyse(desk: Desk) -> Outcome:
    """The film's analysis, by picture and sound alone: the same for every order that has it read the same way."""
    film = desk.bench.film()
    known = Known(desk.bench.title, desk.bench.sha256)
    looking = open_looking(film, for_looking(desk.wish), desk.watched(), desk.settings, desk.bench.out, known)
    heard = watch(looking)
    looking.clock.stop()
    checkpoint("analyse.done")
    files = put_analysis(desk, looking.workspace, looking.watcher)
    return Outcome(files, plain(_facts(desk, looking, heard)))


def _facts(desk: Desk, looking: Looking, heard: Heard) -> dict[str, object]:
    info, analysis = looking.film.info, heard.analysis
    return {
        "duration_s": analysis.duration_s,
        "width_px": info.width_px,
        "height_px": info.height_px,
        "frame_rate": float(info.frame_rate.fraction),
        "has_sound": bool(info.audio),
        "source_lufs": heard.source_lufs,
        "shots": len(analysis.shots.ranges),
        "analyser": looking.watcher.kind,
        "speech": [[r.start_s, r.end_s] for r in analysis.speech.ranges],
        "source_music": [[r.start_s, r.end_s] for r in analysis.source_music.regions],
        "was_kept": heard.was_kept,
        "stages_s": looking.clock.stages_s,
        "notes": [without_places(note, desk.bench) for note in looking.clock.notes],
    }
