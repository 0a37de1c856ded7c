"""The plan: everything decided about a cue before its players write a note."""

from __future__ import annotations

from dataclasses import dataclass

from music_engine.composer.arrangement import Arrangement, arrange, enter_by_section
from music_engine.composer.form import Form, plan_form
from music_engine.composer.fullness import fuller_lu
from music_engine.composer.harmony import Chord, harmonise
from music_engine.composer.lyrics.carrying import carried
from music_engine.composer.lyrics.tune import returning, write_tune
from music_engine.composer.lyrics.verses import NO_VERSES, Verses, lay_verses
from music_engine.composer.melody import Line, write_line
from music_engine.composer.motif import Motif, draw_motif
from music_engine.composer.orchestration import Ensemble, orchestrate
from music_engine.composer.seeds import Seeds
from music_engine.composer.speech import spoken
from music_engine.composer.voicing import Ranges, Voicing, voice
from scoring.request import CueRequest
from scoring.style import Layer, Style


@dataclass(frozen=True, slots=True)
class Plan:
    """A cue's form, chords, voices, theme and who plays when.

    fuller_lu: how much louder it is because of layers that play for its density alone, LU. verses: the lyrics' lines.
    """

    request: CueRequest
    style: Style
    seeds: Seeds
    form: Form
    voicings: tuple[Voicing, ...]
    arrangement: Arrangement
    motif: Motif
    line: Line
    fuller_lu: float = 0.0
    verses: Verses = NO_VERSES

    @property
    def chords(self) -> tuple[Chord, ...]:
        """In order, without a gap."""
        return tuple(voicing.chord for voicing in self.voicings)

    def voicing_at(self, beat: float) -> Voicing:
        """What sounds at a beat."""
        for voicing in self.voicings:
            if beat < voicing.chord.end - 1e-6:
                return voicing
        return self.voicings[-1]


def make_plan(request: CueRequest, style: Style) -> Plan:
    """Decides form, harmony, arrangement and theme, in this order."""
    seeds = Seeds(request.film_seed, request.seed)
    form = plan_form(request)
    ranges = _ranges(style)  # of the style as written: who plays changes no chord
    chords = harmonise(form, style.harmony, request, seeds.for_cue("harmony"))
    verses = lay_verses(form, request.lyrics)
    if verses.lines:
        chords = returning(chords, form)
    own, ensemble = style, orchestrate(style, request.wishes, request.palette)
    style = ensemble.style
    arrangement = _arranged(form, ensemble, seeds)
    if verses.lines:
        style, arrangement = carried(arrangement, form, ensemble, own, request.wishes, verses)
    motif = draw_motif(seeds.for_film("motif"))
    leads = [layer for layer in style.layers if layer.kind == "lead"]
    line = Line((), ())
    if leads and form.bars:
        sounding = frozenset[int]().union(*(arrangement.phrases_of(lead, form) for lead in leads))
        register = (min(lead.low for lead in leads), min(lead.high for lead in leads))
        rng = seeds.for_cue("melody")
        silent = _with_words(form, verses)
        line = write_line(form, chords, request.key, motif, style.melody, register, sounding - silent, rng)
        if verses.lines:
            line = write_tune(form, chords, request.key, motif, register, verses, line, seeds)
    voicings = voice(chords, ranges, seeds.for_cue("voicing"))
    louder_lu = 0.0
    if request.density:
        plainly = _arranged(form.as_dense_as_strong(), ensemble, seeds)
        louder_lu = fuller_lu(form, style, arrangement, plainly, spoken(request))
    return Plan(request, style, seeds, form, voicings, arrangement, motif, line, louder_lu, verses)


def _with_words(form: Form, verses: Verses) -> frozenset[int]:
    """The phrases with words in them, where the motif by itself is silent."""
    return frozenset(bar.phrase for bar in form.bars if verses.holds(bar))


def _arranged(form: Form, ensemble: Ensemble, seeds: Seeds) -> Arrangement:
    arrangement = arrange(form, ensemble.style, seeds.for_cue("arrangement"))
    return enter_by_section(arrangement, form, ensemble)


def _ranges(style: Style) -> Ranges:
    """The first pad's register for the uppers, the first bass's for the bass (without one, the octave below)."""
    pad = next(layer for layer in style.layers if layer.kind == "pad")
    bass: Layer | None = next((layer for layer in style.layers if layer.kind == "bass"), None)
    low, high = (bass.low, bass.high) if bass else (pad.low - 14, pad.low - 1)
    return Ranges(pad.low, pad.high, low, high)
