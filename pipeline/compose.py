"""Have every cue of a sheet composed: by the engine chosen, one at a time, and only those not made before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from pipeline.job import Job
from pipeline.sound.file import StemFiles
from pipeline.workspace import digest
from scoring.cue_sheet import Cue, CueSheet
from scoring.cue_sheet_json import dumps
from scoring.errors import Cancelled, CheckpointRefused, EngineError, EngineUnavailable
from scoring.request import CueRequest, CueTake, Score, request_for
from scoring.style import load_style
from scoring.timebase import TimeRange

TAIL_S = 4.0  # the longest ring-out asked for; the composer's longest reverb falls by 60 dB in less


@dataclass(frozen=True, slots=True)
class Composed:
    """The score, where its sound lies, and what went on.

    keys: cue id → the key of its take in the workspace. made: ids of cues composed now. fallbacks: (cue, engine that
    failed or could not start, reason), for each cue that another engine stood in for. open_take: a take's stems, to be
    read from disk.
    """

    score: Score
    keys: dict[str, str]
    made: tuple[str, ...]
    fallbacks: tuple[tuple[str, str, str], ...]
    open_take: Callable[[CueTake], StemFiles]


def compose(job: Job, sheet: CueSheet, speech: Sequence[TimeRange]) -> Composed:
    """One take per cue, from the first of the job's engines that manages it. speech: where the music must make room.

    Raises EngineError when all of them fail on the same cue.
    """
    if job.owns_workspace:
        job.workspace.keep_cues(dumps(sheet))
    advance = job.clock.stage("compose")
    takes, keys, made, fallbacks = [], {}, [], []
    refused: dict[str, str] = {}
    missing = [job.players.missing] if job.players.missing is not None else []
    for name, reason in missing:
        job.clock.note(f"{name} cannot start ({reason}), {job.players.engines[0].name} stands in")
    total_s = sum(cue.duration_s for cue in sheet.cues)
    done_s = 0.0
    for before, cue in zip([None, *sheet.cues], sheet.cues, strict=False):
        request = request_for(sheet, cue, lead_in_s=lead_in_s(before, cue), tail_s=TAIL_S, speech=speech)
        if request.is_last:
            # The film's end leaves no room to ring after it, unless a planned silence does.
            request = replace(request, tail_s=min(TAIL_S, max(0.0, sheet.duration_s - cue.out_s)))
        share = cue.duration_s / total_s

        def tell(part: float, base: float = done_s / total_s, share: float = share) -> None:
            advance(base + part * share)

        take, key, was_made, failed = _take(job, request, tell, refused)
        takes.append(take)
        keys[cue.id] = key
        made += [cue.id] if was_made else []
        fallbacks += [(cue.id, name, reason) for name, reason in (*missing, *failed)]
        for name, reason in failed:
            job.clock.note(f"{cue.id}: {name} failed ({reason}), {take.engine} stood in")
        done_s += cue.duration_s
        advance(done_s / total_s)
    if job.take is None:
        job.workspace.forget_other_takes()
    workspace = job.workspace
    return Composed(
        Score(tuple(takes)),
        keys,
        tuple(made),
        tuple(fallbacks),
        open_take=lambda take: workspace.open_take(keys[take.cue_id], take),
    )


def lead_in_s(before: Cue | None, cue: Cue) -> float:
    """A beat, or half of a longer crossfade from the cue before, which is centred on this one's first sample."""
    if before is None:
        return 0.0
    overlap_beats = before.transition.beats if before.transition.kind == "crossfade" else 0.0
    return max(cue.beat_s, min(overlap_beats * before.beat_s / 2, TAIL_S))


def _take(
    job: Job, request: CueRequest, tell: Callable[[float], None], refused: dict[str, str]
) -> tuple[CueTake, str, bool, list[tuple[str, str]]]:
    """A take, its key, whether it was made now, and (engine, reason) of each that failed before.

    An engine that only now turns out unable to start breaks the run as it would have before it, unless another may
    stand in; then it is not tried again. refused: such engines and why, added to.
    """
    workspace = job.workspace
    failed: list[tuple[str, str]] = []
    for engine in job.players.engines:
        # A style is data that people edit: its contents, not only its name, make the music.
        key = digest([asdict(request), asdict(load_style(request.style)), engine.name, engine.version])
        kept = workspace.take(request.cue_id, key)
        if kept is not None:
            return kept, key, False, failed
        if engine.name in refused:
            failed.append((engine.name, refused[engine.name]))
            continue
        try:
            (audio,) = engine.compose([request], with_stems=True, progress=tell)
        except Cancelled:
            raise
        except EngineError as error:
            failed.append((engine.name, str(error)))
            continue
        except (EngineUnavailable, CheckpointRefused) as error:
            if not job.wish.fallback:
                raise
            refused[engine.name] = str(error)
            failed.append((engine.name, str(error)))
            continue
        return workspace.keep_take(key, audio, request.seed), key, True, failed
    reasons = "; ".join(f"{name}: {reason}" for name, reason in failed)
    raise EngineError(f"no engine could compose cue {request.cue_id} ({reasons})", "Try another seed or engine")
