"""Arrangement: which layer plays in which bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from music_engine.composer.form import Bar, Form
from music_engine.composer.orchestration import Ensemble, is_played_on
from scoring.style import Layer, Style
from scoring.wishes.vocabulary import instruments

BREATH = 0.35  # share of later phrases in which one figure falls silent, so that the texture breathes (design choice)
RISE = 0.12  # a layer whose threshold the bar passes by this much need not wait for the next phrase
MAY_BREATHE = ("ostinato", "counter")
FIGURES = (*MAY_BREATHE, "lead", "percussion")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """playing: layer name → one truth a bar."""

    playing: dict[str, tuple[bool, ...]]

    def plays(self, layer: Layer, bar: Bar | None) -> bool:
        """Whether a layer plays in a bar; not where there is no bar."""
        return bar is not None and self.playing[layer.name][bar.index]

    def phrases_of(self, layer: Layer, form: Form) -> frozenset[int]:
        """The phrases that a layer begins."""
        return frozenset(bars[0].phrase for bars in form.phrases if self.playing[layer.name][bars[0].index])


def arrange(form: Form, style: Style, rng: np.random.Generator) -> Arrangement:
    """Layers enter and leave on phrase starts; a steep rise may bring one in on any bar line.

    The bed does so by intensity, the figures by density.

    Somebody states the theme in every cue: if no phrase is strong enough for the lead, the strongest gets it.
    """
    playing = {layer.name: _bars_of(layer, form) for layer in style.layers}
    for number, bars in enumerate(form.phrases):
        figures = [
            layer
            for layer in style.layers
            if layer.kind in MAY_BREATHE and layer.threshold > 0 and playing[layer.name][bars[0].index]
        ]
        resting = rng.random() < BREATH
        pick = int(rng.integers(max(len(figures), 1)))
        if number % 2 == 1 and resting and len(figures) > 1:
            name = figures[pick].name
            playing[name] = [on and not bars[0].index <= i <= bars[-1].index for i, on in enumerate(playing[name])]
    _ensure_theme(playing, form, style)
    return Arrangement({name: tuple(on) for name, on in playing.items()})


def _bars_of(layer: Layer, form: Form) -> list[bool]:
    on: list[bool] = []
    for bars in form.phrases:
        levels = [bar.density if layer.kind in FIGURES else bar.intensity for bar in bars]
        entered = float(np.mean(levels)) >= layer.threshold
        for level in levels:
            entered = entered or level >= layer.threshold + RISE
            on.append(entered)
    return on


def _ensure_theme(playing: dict[str, list[bool]], form: Form, style: Style) -> None:
    leads = [layer for layer in style.layers if layer.kind == "lead"]
    if not leads or not form.phrases or any(any(playing[lead.name]) for lead in leads):
        return
    first = min(leads, key=lambda lead: lead.threshold)
    strongest = max(form.phrases, key=lambda bars: (max(bar.intensity for bar in bars), len(bars)))
    for bar in strongest:
        playing[first.name][bar.index] = True


def enter_by_section(arrangement: Arrangement, form: Form, ensemble: Ensemble) -> Arrangement:
    """The arrangement with what a section names silent before it, and silent from the section that bans it."""
    if not form.sections:
        return arrangement
    playing = dict(arrangement.playing)
    for layer in ensemble.style.layers:
        own = ensemble.played.get(layer.name)
        is_in = not any(own in span.section.instruments for span in form.sections)
        on = list(playing[layer.name])
        for span in form.sections:
            if own in span.section.instruments:
                is_in = True
            elif any(is_played_on(layer, instruments()[name]) for name in span.section.avoid if name in instruments()):
                is_in = False
            for bar in range(span.first, span.stop):
                on[bar] = on[bar] and is_in
        playing[layer.name] = tuple(on)
    return Arrangement(playing)
