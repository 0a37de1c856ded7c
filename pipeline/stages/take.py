"""Make the take of a cue: by the engine chosen or one that stands in, and only where it is not made already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from music_engine.engine import MusicEngine, Progress
from pipeline.gate.trying import keep_best
from pipeline.job import Players
from pipeline.workspace import Workspace, digest
from scoring.errors import Cancelled, CheckpointRefused, CuesmithError, EngineError, EngineUnavailable
from scoring.request import CueAudio, CueRequest, CueTake
from scoring.style import load_style


@dataclass(frozen=True, slots=True)
class Made:
    """A cue's take. key: of its folder in the workspace. was_made: now, or kept from before.

    failed: (engine, reason) of each that failed on it or could not start.
    """

    take: CueTake
    key: str
    was_made: bool
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ordered:
    """A cue to be composed, and where its take is kept."""

    request: CueRequest
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class Band:
    """Who composes. fallback: whether another engine may take over from one that cannot start after all.

    refused: those engines and why, added to, so that none is tried twice.
    """

    players: Players
    fallback: bool
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """(name, reason) of the engine that was asked for and could not start, where there is one."""
        return [self.players.missing] if self.players.missing is not None else []


def compose_one(asked: Ordered, band: Band, progress: Progress, cancelled: Callable[[], bool] = lambda: False) -> Made:
    """The take of one cue, kept in its workspace.

    An engine that only now turns out unable to start breaks the run as it would have before it, unless another may
    stand in. Raises EngineError when all of them fail, Cancelled.
    """
    request, workspace = asked.request, asked.workspace
    failed: list[tuple[str, str]] = []
    for engine in band.players.engines:
        key = take_key(request, engine)
        kept = workspace.take(request.cue_id, key)
        if kept is not None:
            return Made(kept, key, False, tuple(failed))
        if engine.name in band.refused:
            failed.append((engine.name, band.refused[engine.name]))
            continue
        try:
            (audio,) = engine.compose([request], with_stems=True, progress=progress, cancelled=cancelled)
        except Cancelled:
            raise
        except EngineError as error:
            failed.append((engine.name, str(error)))
            continue
        except (EngineUnavailable, CheckpointRefused) as error:
            if not band.fallback:
                raise
            band.refused[engine.name] = str(error)
            failed.append((engine.name, str(error)))
            continue
        return Made(_keep_best(asked, key, audio, engine, band, cancelled), key, True, tuple(failed))
    reasons = "; ".join(f"{name}: {reason}" for name, reason in failed)
    raise EngineError(f"no engine could compose cue {request.cue_id} ({reasons})", "Try another seed or engine")


def compose_together(
    asked: Sequence[Ordered], band: Band, progress: Progress, cancelled: Callable[[], bool] = lambda: False
) -> list[Made | CuesmithError]:
    """The takes of several cues, of which the first engine makes all it can in one go; what became of each, in order.

    When that breaks, each is made alone, so that one bad cue costs the others only time. Raises Cancelled.
    """
    engine = band.players.engines[0]
    keys = [take_key(one.request, engine) for one in asked]
    new = [
        number
        for number, (one, key) in enumerate(zip(asked, keys, strict=True))
        if one.workspace.take(one.request.cue_id, key) is None
    ]
    made: dict[int, Made | CuesmithError] = {}
    if len(new) > 1 and engine.name not in band.refused:
        requests = [asked[number].request for number in new]
        try:
            sounds = engine.compose(requests, with_stems=True, progress=progress, cancelled=cancelled)
        except Cancelled:
            raise
        except CuesmithError:
            sounds = []  # one of them is at fault, or there are too many: alone it will show which
        for number, sound in zip(new, sounds, strict=False):
            one = asked[number]
            made[number] = Made(_keep_best(one, keys[number], sound, engine, band, cancelled), keys[number], True)
    for number, one in enumerate(asked):
        if number not in made:
            made[number] = _outcome(one, band, progress if len(asked) == 1 else _unheard, cancelled)
    return [made[number] for number in range(len(asked))]


def _keep_best(
    asked: Ordered, key: str, audio: CueAudio, engine: MusicEngine, band: Band, cancelled: Callable[[], bool]
) -> CueTake:
    """The take, or a better one where it fails its audition, put into the workspace."""

    def play(player: MusicEngine, request: CueRequest) -> CueAudio:
        (again,) = player.compose([request], with_stems=True, progress=_unheard, cancelled=cancelled)
        return again

    engines = list(band.players.engines)
    after = engines[engines.index(engine) + 1 :] if band.fallback else []
    others = [other for other in after if other.name not in band.refused]
    kept = keep_best(asked.request, audio, engine, others, play)
    return asked.workspace.keep_take(key, kept.audio, kept.seed, kept.attempts, kept.withheld)


def take_key(request: CueRequest, engine: MusicEngine) -> str:
    """What a take's folder is named after: the same, the same samples."""
    # A style is data that people edit: its contents, not only its name, make the music.
    return digest([asdict(request), asdict(load_style(request.style)), engine.name, engine.version])


def _outcome(one: Ordered, band: Band, progress: Progress, cancelled: Callable[[], bool]) -> Made | CuesmithError:
    try:
        return compose_one(one, band, progress, cancelled)
    except Cancelled:
        raise
    except CuesmithError as error:
        return error


def _unheard(share: float) -> None:
    """Several cues one after the other, or one again: the share of one says nothing about all."""
