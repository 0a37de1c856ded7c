"""Who carries the tune of lyrics: some lead plays wherever there are words."""

from __future__ import annotations

from dataclasses import replace

from music_engine.composer.arrangement import Arrangement
from music_engine.composer.form import Bar, Form
from music_engine.composer.lyrics.verses import Verses
from music_engine.composer.orchestration import Ensemble, is_played_on
from scoring.style import Layer, Style
from scoring.wishes.reading import Wishes
from scoring.wishes.vocabulary import instruments


def carried(
    arrangement: Arrangement, form: Form, ensemble: Ensemble, own: Style, wishes: Wishes, verses: Verses
) -> tuple[Style, Arrangement]:
    """The style and the arrangement with a lead in every bar that has words, as far as nobody bans them all.

    A lead that is to enter with a later section waits for it: until then the lead of the style itself plays. own: the
    style before anybody's wishes.
    """
    leads = [layer for layer in ensemble.style.layers if layer.kind == "lead"]
    spare = _spare(own, ensemble, wishes)
    playing = {name: list(on) for name, on in arrangement.playing.items()}
    entering = {name for span in form.sections for name in span.section.instruments}
    free = [lead for lead in leads if ensemble.played.get(lead.name) not in entering]
    is_added = False
    for bar in form.bars:
        if not verses.holds(bar) or any(playing[lead.name][bar.index] for lead in leads):
            continue
        choices = (*sorted(free, key=lambda a: a.threshold), *([spare] if spare is not None else []), *leads)
        chosen = next((lead for lead in choices if not _is_banned(lead, bar, form)), None)
        if chosen is None:
            continue
        is_added = is_added or chosen is spare
        playing.setdefault(chosen.name, [False] * len(form.bars))[bar.index] = True
    style = ensemble.style
    if is_added and spare is not None:
        style = replace(style, layers=(*style.layers, spare))
    return style, Arrangement({name: tuple(on) for name, on in playing.items()})


def _spare(own: Style, ensemble: Ensemble, wishes: Wishes) -> Layer | None:
    """The style's own lead that is heard first, where it was replaced and nobody objects to it."""
    if wishes.is_alone:
        return None
    taken = {layer.name for layer in ensemble.style.layers}
    unwanted = [instruments()[name] for name in wishes.avoid if name in instruments()]
    left = [
        layer
        for layer in own.layers
        if layer.kind == "lead" and layer.name not in taken and not any(is_played_on(layer, i) for i in unwanted)
    ]
    return min(left, key=lambda layer: layer.threshold, default=None)


def _is_banned(layer: Layer, bar: Bar, form: Form) -> bool:
    """Whether the section of a bar denies the layer's instrument."""
    span = next((s for s in form.sections if s.first <= bar.index < s.stop), None)
    banned = span.section.avoid if span is not None else ()
    return any(is_played_on(layer, instruments()[name]) for name in banned if name in instruments())
