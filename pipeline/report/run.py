"""Everything a run made, for what is measured and told of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.compose import Composed
from pipeline.delivery.deliver import Delivered
from pipeline.job import Job
from pipeline.listen import Heard
from pipeline.sound.lay import Laid
from pipeline.sound.master import Master
from scoring.cue_sheet import CueSheet
from scoring.timebase import TimeRange


@dataclass(frozen=True, slots=True)
class Run:
    """A job and the results of its stages."""

    job: Job
    heard: Heard
    sheet: CueSheet
    composed: Composed
    laid: Laid
    master: Master
    delivered: Delivered

    @property
    def withheld(self) -> tuple[TimeRange, ...]:
        """Where music is missing because it was not safe."""
        pairs = zip(self.sheet.cues, self.composed.score.takes, strict=True)
        return tuple(TimeRange(cue.in_s, cue.out_s) for cue, take in pairs if take.withheld)

    @property
    def rests(self) -> tuple[TimeRange, ...]:
        """Where no music is meant: planned silences, stretches without music, withheld cues."""
        return (*self.sheet.silences, *self.master.levels.muted, *self.withheld)
