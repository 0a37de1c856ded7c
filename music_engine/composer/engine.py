"""The composer as a music engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from music_engine.composer.midi import write_midi
from music_engine.composer.mix import STEMS, mix, total_samples
from music_engine.composer.plan import Plan, make_plan
from music_engine.composer.players.ensemble import play
from music_engine.composer.soundfont import SoundFont, find_soundfont
from music_engine.composer.thinning import thinned
from music_engine.engine import Capabilities, Progress
from music_engine.grid import planned_grid
from scoring.errors import Cancelled, CuesmithError, EngineError
from scoring.request import ChordAt, CueAudio, CueRequest
from scoring.style import load_style
from scoring.wishes.vocabulary import instruments

NAME = "composer"
VERSION = "3"
UNSUNG = "the lyrics shape the melody's phrasing; the composer does not sing them"
CAPABILITIES = Capabilities(
    tempo="exact",
    stems=STEMS,
    repaint=False,
    extend=False,
    reference_audio=False,
    lyrics=False,
    lora=False,
    maximum_duration_s=3600.0,
    deterministic=True,
    needs_gpu=False,
)


class Composer:
    """Writes notes and plays them. soundfont: the one to use; None takes the best this machine has.

    Raises EngineUnavailable where there is no SoundFont, or the one named is none.
    """

    def __init__(self, soundfont: Path | None = None) -> None:
        self._soundfont: SoundFont = find_soundfont(soundfont)

    @property
    def name(self) -> str:
        """ "composer"."""
        return NAME

    @property
    def version(self) -> str:
        """Changes when the same request would sound different: with this code, and with the SoundFont."""
        return f"{VERSION}+{self._soundfont.digest[:12]}"

    @property
    def capabilities(self) -> Capabilities:
        """Exact tempo, five stems, no GPU."""
        return CAPABILITIES

    def compose(
        self,
        requests: Sequence[CueRequest],
        *,
        with_stems: bool = True,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[CueAudio]:
        """One CueAudio per request. Raises UnknownChoice for a style there is not, Cancelled when told to stop,
        EngineError when it breaks."""
        total_s = sum(request.duration_s for request in requests)
        done_s = 0.0
        composed = []
        for request in requests:

            def step(share: float, before_s: float = done_s, length_s: float = request.duration_s) -> None:
                """Tells how far it is, between two stems, and stops where that is wanted."""
                if cancelled():
                    raise Cancelled("composing was stopped")
                progress(min((before_s + share * length_s) / total_s, 1.0))

            try:
                composed.append(self._compose_one(request, with_stems, step))
            except CuesmithError:
                raise
            except Exception as error:
                raise EngineError(f"the composer broke on cue {request.cue_id}: {error}") from error
            done_s += request.duration_s
        return composed

    def _compose_one(self, request: CueRequest, with_stems: bool, step: Callable[[float], None]) -> CueAudio:
        step(0.0)
        plan = make_plan(request, load_style(request.style))
        parts = thinned(play(plan), plan)
        lead_in, body, tail = total_samples(request)
        audio, stems = mix(plan, parts, self._soundfont.path, lead_in + body + tail, with_stems=with_stems, step=step)
        beats_s, bars_s = planned_grid(request)
        return CueAudio(
            cue_id=request.cue_id,
            engine=NAME,
            audio=audio,
            lead_in_samples=lead_in,
            body_samples=body,
            beats_s=beats_s,
            bars_s=bars_s,
            stems=stems,
            midi=write_midi(request, plan.form, plan.chords, parts),
            chords=tuple(ChordAt(max(plan.form.time_s(c.beat), 0.0), c.symbol) for c in plan.chords),
            settings={
                "style": request.style,
                "soundfont": self._soundfont.path.name,
                "soundfont_sha256": self._soundfont.digest,
                "version": VERSION,
                "motif_steps": list(plan.motif.steps),
                "motif_beats": list(plan.motif.beats),
            },
            warnings=_told(plan),
        )


def _told(plan: Plan) -> tuple[str, ...]:
    """What somebody asked for and gets only nearly, or not at all."""
    wishes = plan.request.wishes
    named = [instruments()[name] for name in wishes.instruments]
    nearly = [f"no {i.name} in General MIDI: {i.nearest} plays" for i in named if i.nearest]
    missing = [f"{name} is not available as an effect" for name in wishes.missing]
    unlaid = [f"no room for the section {section.name}" for section in wishes.sections[len(plan.form.sections) :]]
    return (*nearly, *missing, *unlaid, *_unsung(plan))


def _unsung(plan: Plan) -> tuple[str, ...]:
    """What became of the lyrics."""
    if not plan.request.lyrics:
        return ()
    verses = plan.verses
    crowded = [f"no room for {verses.left_out} of the lyrics' lines"] if verses.left_out else []
    if not plan.line.notes or not verses.lines:
        return ("the lyrics shape nothing: no instrument here carries a tune, or there are no words", *crowded)
    return (UNSUNG, *crowded)
