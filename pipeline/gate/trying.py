"""Compose a cue again until it passes, at most three times, and keep the best of what was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from music_engine.engine import MusicEngine
from pipeline.card.row import Row
from pipeline.gate.audition import audition, badness, failed, unsafe
from pipeline.gate.ladder import MOST_AGAIN, plainer, rungs
from scoring.errors import Cancelled, CuesmithError
from scoring.request import Attempt, CueAudio, CueRequest
from scoring.seeds import again_seed

Play = Callable[[MusicEngine, CueRequest], CueAudio]


@dataclass(frozen=True, slots=True)
class Kept:
    """The best of what was made. attempts: what was tried, empty when the first take passed. withheld: why its music
    must not be delivered, "" when it may."""

    audio: CueAudio
    seed: int
    attempts: tuple[Attempt, ...]
    withheld: str


@dataclass(frozen=True, slots=True)
class _Try:
    how: str
    audio: CueAudio
    seed: int
    rows: tuple[Row, ...]


def keep_best(request: CueRequest, audio: CueAudio, engine: MusicEngine, others: list[MusicEngine], play: Play) -> Kept:
    """Judge a take of the engine; where it fails, try again as the ladder says, then with the other engines.

    An attempt that breaks is noted and costs nothing else. Raises Cancelled.
    """
    best = _judge("as asked", audio, request, engine)
    tried = [_attempt(best)]
    for how, player, ask in _asks(request, engine, others):
        if not failed(best.rows) or len(tried) > MOST_AGAIN:
            break
        try:
            made = _judge(how, play(player, ask), ask, player)
        except Cancelled:
            raise
        except CuesmithError as error:
            tried.append(Attempt(request.cue_id, how, player.name, ask.seed, (), error.what))
            continue
        tried.append(_attempt(made))
        if badness(made.rows) < badness(best.rows):
            best = made
    if len(tried) == 1 and not failed(best.rows):
        return Kept(best.audio, best.seed, (), "")
    kept = tuple(replace(one, kept=one.how == best.how and one.engine == best.audio.engine) for one in tried)
    return Kept(best.audio, best.seed, kept, " ".join(row.advice or row.name for row in unsafe(best.rows)))


def _asks(
    request: CueRequest, engine: MusicEngine, others: list[MusicEngine]
) -> Iterator[tuple[str, MusicEngine, CueRequest]]:
    for how, ask in rungs(request):
        yield how, engine, ask
    for other in others:
        yield "next engine", other, plainer(replace(request, seed=again_seed(request.seed, MOST_AGAIN)))


def _judge(how: str, audio: CueAudio, request: CueRequest, engine: MusicEngine) -> _Try:
    rows = audition(audio, request, is_exact=engine.capabilities.tempo == "exact")
    return _Try(how, audio, request.seed, rows)


def _attempt(made: _Try) -> Attempt:
    fails = failed(made.rows)
    why = " ".join(row.advice or row.name for row in fails)
    return Attempt(made.audio.cue_id, made.how, made.audio.engine, made.seed, tuple(row.id for row in fails), why)
