"""What is tried when a take fails: another seed, then a plainer plan, then another engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scoring.request import CueRequest
from scoring.seeds import again_seed

MOST_AGAIN = 3  # attempts after the first


def rungs(request: CueRequest) -> Iterator[tuple[str, CueRequest]]:
    """(how, what to ask) of the same engine, after what was asked has failed.

    The tempo, the key and the bar lines stay: they are the cue sheet's, which a person may have set, and its neighbours
    rely on them. The plainer plan leaves out what the picture only suggests: how densely to write and which instruments
    to add.
    """
    yield "next seed", replace(request, seed=again_seed(request.seed, 1))
    yield "next plan", plainer(replace(request, seed=again_seed(request.seed, 2)))


def plainer(request: CueRequest) -> CueRequest:
    """The request without the picture's suggestions."""
    return replace(request, density=(), palette=())


def asked_again(request: CueRequest, number: int) -> CueRequest:
    """The request of a cue that failed only in the finished film. number: for the how manieth time; 0 leaves it."""
    return request if number == 0 else replace(request, seed=again_seed(request.seed, MOST_AGAIN + number))
