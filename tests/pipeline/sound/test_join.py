from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.sound.join import Assembly, Stems, correlation, crossfade
from scoring.cue_sheet import Cue, Metre, Transition, TransitionKind
from scoring.key import Key
from scoring.request import CueTake

RATE_HZ = 48_000


def noise(seed: int, samples: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((2, samples)).astype(np.float32) * np.float32(0.1)


def cue(number: int, in_s: float, out_s: float, kind: TransitionKind = "crossfade", beats: float = 1.0) -> Cue:
    return Cue(
        id=f"1m{number}", in_s=in_s, out_s=out_s, mood="calm", bpm=120.0, key=Key(0, "major"), metre=Metre(),
        first_downbeat_s=in_s, valence=0, arousal=0, tension=0, intensity=(), hit_points=(),
        transition=Transition(kind, beats), prompt="", seed=1,
    )  # fmt: skip


def take(of: Cue, lead_s: float = 0.5, tail_s: float = 1.0) -> CueTake:
    lead, body, tail = (round(s * RATE_HZ) for s in (lead_s, of.duration_s, tail_s))
    return CueTake(of.id, "test", 1, lead, body, lead + body + tail, ("music",), (), (), (), ())


class InMemory:
    """A take that was never on disk."""

    def __init__(self, stems: Stems) -> None:
        self._stems = stems

    def read(self, start: int, samples: int) -> Stems:
        blocks = {}
        for name, audio in self._stems.items():
            block = np.zeros((2, samples), np.float32)
            low, high = max(0, start), min(audio.shape[1], start + samples)
            if low < high:
                block[:, low - start : high - start] = audio[:, low:high]
            blocks[name] = block
        return blocks

    def close(self) -> None:
        pass


def assemble(
    cues: list[Cue], audio: dict[str, Stems], takes: list[CueTake], total_s: float
) -> tuple[NDArray[np.float32], Assembly]:
    assembly = Assembly(cues, takes, lambda t: InMemory(audio[t.cue_id]), round(total_s * RATE_HZ))
    blocks = [sum(block.values()) for block in assembly]
    return np.concatenate(blocks, axis=1), assembly


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(-0.4, 1.0))
def test_a_crossfade_keeps_its_level_whatever_the_correlation(seed: int, rho: float) -> None:
    one, other = noise(seed, 96_000), noise(seed + 5000, 96_000)
    after = (rho * one + np.sqrt(1 - rho**2) * other).astype(np.float32)
    down, up, found = crossfade(one, after)
    assert found == pytest.approx(rho, abs=0.05)
    middle = slice(46_000, 50_000)
    level = np.sqrt(np.mean((one * down + after * up)[:, middle] ** 2))
    assert 20 * np.log10(level / np.sqrt(np.mean(one**2))) == pytest.approx(0, abs=0.5)


def test_correlation_of_like_unlike_and_silent() -> None:
    one = noise(1, 48_000)
    assert correlation(one, one) == pytest.approx(1.0)
    assert abs(correlation(one, noise(2, 48_000))) < 0.05
    assert correlation(one, np.zeros_like(one)) == 0.0


def test_the_overlap_is_centred_on_the_bar_line_and_lasts_what_the_sheet_says() -> None:
    cues = [cue(1, 0.0, 4.0, beats=2.0), cue(2, 4.0, 8.0, "end", 0)]
    takes = [take(cues[0], 0.0), take(cues[1], 0.6, 0.0)]
    audio: dict[str, Stems] = {t.cue_id: {"music": np.full((2, t.total_samples), 0.1, np.float32)} for t in takes}
    music, assembly = assemble(cues, audio, takes, 8.0)
    assert music.shape == (2, 8 * RATE_HZ)
    (join,) = assembly.joins
    assert (join.at_s, join.kind, join.overlap_s) == (4.0, "crossfade", 1.0)
    assert join.correlation == pytest.approx(1.0)
    assert np.abs(music[:, RATE_HZ:-RATE_HZ] - 0.1).max() < 1e-4  # the same sound on both sides joins without a trace


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.6, 3.0), min_size=1, max_size=5),
    st.lists(st.sampled_from(["crossfade", "ring_out", "cut"]), min_size=5, max_size=5),
    st.floats(0, 1.0),
    st.floats(0, 1.5),
)
def test_any_sheet_gives_exactly_the_films_length_without_clicks_or_jumps(
    lengths_s: list[float], kinds: list[TransitionKind], lead_s: float, tail_s: float
) -> None:
    edges = np.concatenate([[0.0], np.cumsum(lengths_s)])
    cues = [cue(i, float(edges[i]), float(edges[i + 1]), kinds[i]) for i in range(len(lengths_s))]
    takes = [take(c, 0.0 if i == 0 else lead_s, tail_s) for i, c in enumerate(cues)]
    t = np.arange(10 * RATE_HZ) / RATE_HZ
    slow = (0.1 * np.sin(2 * np.pi * 55 * t)).astype(np.float32)
    audio: dict[str, Stems] = {k.cue_id: {"music": np.stack([slow, slow])[:, : k.total_samples]} for k in takes}
    music, _ = assemble(cues, audio, takes, float(edges[-1]))
    assert music.shape[1] == round(float(edges[-1]) * RATE_HZ)
    assert np.isfinite(music).all()
    assert np.abs(music).max() < 0.5  # the tails of short cues may lie over each other
    if tail_s > 0.05 and lead_s > 0.05:
        steepest = 2 * np.pi * 55 / RATE_HZ * 0.1
        assert np.abs(np.diff(music, axis=1)[:, RATE_HZ // 2 :]).max(initial=0) < 8 * steepest


def test_a_planned_silence_is_silent_after_the_tail() -> None:
    cues = [cue(1, 0.0, 2.0, "ring_out"), cue(2, 5.0, 8.0, "end")]
    takes = [take(cues[0], 0.0, 1.0), take(cues[1], 0.5, 0.0)]
    audio: dict[str, Stems] = {t.cue_id: {"music": noise(1, t.total_samples)} for t in takes}
    music, assembly = assemble(cues, audio, takes, 8.0)
    assert np.abs(music[:, 3 * RATE_HZ : int(4.9 * RATE_HZ)]).max() == 0
    assert assembly.joins == []


def test_stems_a_cue_does_not_have_are_silent_there_and_the_sum_is_kept() -> None:
    cues = [cue(1, 0.0, 2.0, "cut", 0), cue(2, 2.0, 4.0, "end", 0)]
    takes = [replace(take(cues[0], 0.0, 0.2), stems=("bass",)), replace(take(cues[1], 0.2, 0.0), stems=("lead",))]
    audio: dict[str, Stems] = {
        "1m1": {"bass": noise(1, takes[0].total_samples)},
        "1m2": {"lead": noise(2, takes[1].total_samples)},
    }
    music, _ = assemble(cues, audio, takes, 4.0)
    assert np.allclose(music[:, 100:90_000], audio["1m1"]["bass"][:, 100:90_000])
    assert np.allclose(music[:, 100_000:], audio["1m2"]["lead"][:, takes[1].lead_in_samples + 4_000 :])


def test_however_long_the_film_only_the_takes_that_sound_are_open() -> None:
    cues = [cue(i, i * 2.0, i * 2.0 + 2.0) for i in range(30)]
    takes = [take(c, 0.0 if i == 0 else 0.5, 1.0) for i, c in enumerate(cues)]
    open_now, most = 0, 0

    class Counted(InMemory):
        def __init__(self, stems: Stems) -> None:
            nonlocal open_now, most
            super().__init__(stems)
            open_now += 1
            most = max(most, open_now)

        def close(self) -> None:
            nonlocal open_now
            open_now -= 1

    sound: Stems = {"music": noise(1, takes[1].total_samples)}
    longest = max(
        b.nbytes for block in Assembly(cues, takes, lambda t: Counted(sound), 60 * RATE_HZ) for b in block.values()
    )
    assert most <= 3
    assert open_now == 0
    assert longest <= 2 * 4 * RATE_HZ
