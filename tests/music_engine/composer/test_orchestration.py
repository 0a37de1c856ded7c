from __future__ import annotations

import numpy as np
import pytest

from music_engine.composer.engine import Composer
from music_engine.composer.orchestration import VOICE_PROGRAMS, orchestrate
from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from scoring.style import load_style, style_names
from scoring.wishes.reading import Wishes, read_wishes
from scoring.wishes.vocabulary import instruments


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer()


@pytest.mark.parametrize("style", style_names())
def test_without_wishes_the_style_plays_itself(style: str) -> None:
    assert orchestrate(load_style(style), Wishes()).style is load_style(style)


@pytest.mark.parametrize("style", style_names())
@pytest.mark.parametrize("name", list(instruments()))
def test_every_instrument_there_is_is_heard_in_every_style_and_can_be_silenced(ask, style: str, name: str) -> None:  # type: ignore[no-untyped-def]
    instrument = instruments()[name]
    heard = _programs(ask, style, Wishes(instruments=(name,)))
    assert heard & _accepted(name)
    assert not _programs(ask, style, Wishes(avoid=(name,))) & ({*instrument.programs} | _accepted(name))


def _accepted(name: str) -> set[int]:
    instrument = instruments()[name]
    is_kit = instrument.role == "drums" and not instrument.drums
    return {-1} | set(instrument.programs) if is_kit else set(instrument.programs)


def _programs(ask, style: str, wishes: Wishes) -> set[int]:  # type: ignore[no-untyped-def]
    plan = make_plan(ask(style=style, wishes=wishes, intensity=((0.0, 0.7),)), load_style(style))
    return {-1 if part.is_drum else VOICE_PROGRAMS.get(part.layer.voice, part.program) for part in play(plan)}


@pytest.mark.parametrize("style", style_names())
def test_alone_means_that_nothing_else_sounds(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    assert _programs(ask, style, read_wishes("only cello and piano")) <= {42, 0}


@pytest.mark.parametrize("style", style_names())
def test_without_everything_the_chords_are_still_held(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    everything = Wishes(avoid=tuple(name for name in instruments() if name != "synth pad"))
    plan = make_plan(ask(style=style, wishes=everything), load_style(style))
    assert any(part.layer.kind == "pad" and part.notes for part in play(plan))


def test_two_leads_do_not_play_the_same_line(ask) -> None:  # type: ignore[no-untyped-def]
    plan = make_plan(ask(wishes=read_wishes("flute and oboe")), load_style("cinematic"))
    flute, oboe = (next(p for p in play(plan) if p.program == program) for program in (73, 68))
    assert [n.beat for n in flute.notes] != [n.beat for n in oboe.notes]


def test_a_kit_sounds_unlike_another(ask, composer: Composer) -> None:  # type: ignore[no-untyped-def]
    stems = [
        composer.compose([ask(duration_s=6.0, wishes=Wishes(instruments=(name,)))])[0].stems["rhythm"]
        for name in ("brushed drums", "electronic drums")
    ]
    assert np.abs(stems[0] - stems[1]).max() > 0.01


def test_what_is_only_nearly_there_is_said(ask, composer: Composer) -> None:  # type: ignore[no-untyped-def]
    wishes = read_wishes("古筝，雷声").for_engine()
    warnings = composer.compose([ask(duration_s=3.0, wishes=wishes)])[0].warnings
    assert any("guzheng" in warning or "koto" in warning for warning in warnings)
    assert any("thunder" in warning for warning in warnings)


@pytest.mark.parametrize("effect", ["rain", "vinyl", "wind", "waves"])
def test_an_atmosphere_lasts_the_whole_cue_in_the_effects_stem(ask, composer: Composer, effect: str) -> None:  # type: ignore[no-untyped-def]
    plain, wet = (
        composer.compose([ask(style="upbeat", duration_s=8.0, wishes=Wishes(effects=effects))])[0].stems["effects"]
        for effects in ((), (effect,))
    )
    added = (wet - plain)[:, :-48_000]
    levels = np.sqrt(np.mean(added[:, : added.shape[1] // 24_000 * 24_000].reshape(2, -1, 24_000) ** 2, axis=(0, 2)))
    assert (levels > 1e-4).all()
