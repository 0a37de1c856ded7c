"""Sound that is there already, through the SDK: lengths to the sample, what stays and what changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from ace_step_checkpoints import tiny_checkpoint

from music_engine import Music, MusicGenerator
from scoring.errors import Cancelled, InputError

RATE_HZ = 48_000
PROMPT = "calm piano"


@pytest.fixture(scope="module")
def generator(checkpoint: Path) -> MusicGenerator:
    return MusicGenerator("ace-step-base", checkpoint=checkpoint, device="cpu", precision="float32", steps=4)


@pytest.fixture(scope="module")
def music(generator: MusicGenerator) -> Music:
    return generator.generate(PROMPT, duration=6.5, seed=3, structure=["intro", "verse"])


@pytest.fixture(scope="module")
def again(generator: MusicGenerator, music: Music) -> Music:
    """The source once through the codec and back: what a rework that changes nothing gives."""
    return generator.repaint(music, (0.0, 6.5), variance=0.0)


def _difference(one: Music, other: Music, start_s: float, end_s: float) -> float:
    span = slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
    return float(np.abs(one.audio[:, span] - other.audio[:, span]).max())


def test_a_piece_lasts_exactly_as_long_as_asked_and_is_exported(music: Music, tmp_path: Path) -> None:
    assert music.audio.shape == (2, round(6.5 * RATE_HZ))
    assert music.engine == "ace-step-v1"
    assert music.request.prompt == PROMPT
    assert music.request.structure == ("intro", "verse")
    assert music.export(tmp_path / "bgm.mp3").stat().st_size > 10_000
    assert [path.name for path in music.save_stems(tmp_path)] == ["music.flac"]


def test_a_retake_of_no_variance_is_the_same_take_and_of_more_another(generator: MusicGenerator, music: Music) -> None:
    unfaded_s = 5.0
    assert _difference(generator.retake(music, variance=0.0), music, 0, unfaded_s) < 1e-3
    other = generator.retake(music, variance=0.7)
    assert other.audio.shape == music.audio.shape
    assert _difference(other, music, 0, unfaded_s) > 1e-3


def test_a_repaint_changes_its_span_and_not_what_is_far_from_it(
    generator: MusicGenerator, music: Music, again: Music
) -> None:
    mended = generator.repaint(music, (3.0, 4.0))
    assert mended.audio.shape == music.audio.shape
    assert _difference(mended, again, 3.2, 3.8) > 1e-3
    # Decoding looks beyond its frame, so what is near may differ; the decoded latents are the same.
    assert _difference(mended, again, 0.0, 1.0) < 0.2 * _difference(mended, again, 3.2, 3.8)


@pytest.mark.parametrize(("before", "after"), [(0.0, 3.3), (2.1, 0.0), (1.25, 2.6), (0.0, 9.0)])
def test_an_extension_is_exact_and_keeps_the_source_in_its_place(
    generator: MusicGenerator, music: Music, again: Music, before: float, after: float
) -> None:
    longer = generator.extend(music, before=before, after=after)
    expected = music.audio.shape[1] + round(before * RATE_HZ) + round(after * RATE_HZ)
    assert longer.audio.shape == (2, expected)
    inside = slice(round(2.5 * RATE_HZ), round(3.5 * RATE_HZ))
    source = again.audio[0, inside]
    # Where the source lies is found by correlation, within two milliseconds of where it should.
    reach = RATE_HZ // 500
    at = round(before * RATE_HZ) + inside.start
    scores = [
        float(np.corrcoef(source, longer.audio[0, at + lag : at + lag + source.size])[0, 1])
        for lag in range(-reach, reach + 1)
    ]
    assert max(scores) > 0.8
    assert abs(int(np.argmax(scores)) - reach) <= reach // 2
    for edge in ([0.1] if before else []) + ([expected / RATE_HZ - 1.0] if after else []):
        stretch = longer.audio[:, round(edge * RATE_HZ) :][:, : RATE_HZ // 2]
        assert float(np.sqrt((stretch**2).mean())) > 1e-3, "what is added sounds"


def test_an_edit_takes_other_words_and_keeps_the_length(generator: MusicGenerator, music: Music) -> None:
    for kind in ("remix", "only_lyrics"):
        edited = generator.edit(music, "loud rock", kind=kind)  # type: ignore[arg-type]
        assert edited.audio.shape == music.audio.shape
        assert edited.request.prompt == "loud rock"


def test_a_reference_leads_by_its_strength(generator: MusicGenerator, music: Music, again: Music) -> None:
    near = generator.generate("rock", 5.0, reference=music, strength=1.0)
    far = generator.generate("rock", 5.0, reference=music, strength=0.1)
    assert near.audio.shape == far.audio.shape == (2, 5 * RATE_HZ)
    assert _difference(near, again, 0.5, 3.0) < 0.2 * _difference(far, again, 0.5, 3.0)


def test_a_short_reference_is_heard_again_and_again(generator: MusicGenerator, music: Music) -> None:
    assert generator.generate("x", 7.0, reference=music.audio[:, : 2 * RATE_HZ]).audio.shape == (2, 7 * RATE_HZ)


def test_sound_from_elsewhere_needs_words(generator: MusicGenerator) -> None:
    sound = (0.1 * np.sin(np.arange(4 * RATE_HZ) / 20) * np.ones((2, 1))).astype(np.float32)
    assert generator.repaint(sound, (1.0, 2.0), "organ").audio.shape == sound.shape
    with pytest.raises(InputError, match="prompt is not given"):
        generator.repaint(sound, (1.0, 2.0))
    with pytest.raises(InputError, match="source_prompt is not given"):
        generator.edit(sound, "organ")


@pytest.mark.parametrize(
    ("rework", "words"),
    [
        (lambda g, m: g.repaint(m, (4.0, 2.0)), "span"),
        (lambda g, m: g.repaint(m, (4.0, 99.0)), "span"),
        (lambda g, m: g.repaint(m, (4.0, 5.0), variance=2.0), "variance"),
        (lambda g, m: g.extend(m), "before or after"),
        (lambda g, m: g.extend(m, after=-1.0), "before or after"),
        (lambda g, m: g.extend(m, after=400.0), "239"),
        (lambda g, m: g.retake(m, variance=-0.1), "variance"),
        (lambda g, m: g.retake(m, seed=-1), "seed"),
        (lambda g, m: g.generate("x", 300.0, reference=m), "239"),
        (lambda g, m: g.generate("x", 5.0, reference=m.audio.T), "shape"),
        (lambda g, m: g.generate("x", 5.0, reference=m, strength=3.0), "strength"),
        (lambda g, m: g.edit(m, "x", kind="polka"), "polka"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(generator: MusicGenerator, music: Music, rework, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=words):
        rework(generator, music)


def test_progress_rises_and_stopping_stops(generator: MusicGenerator, music: Music) -> None:
    shares: list[float] = []
    generator.repaint(music, (1.0, 2.0), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    with pytest.raises(Cancelled):
        generator.extend(music, after=2.0, cancelled=lambda: len(shares) > 0)


@pytest.mark.slow
def test_the_sdks_own_example_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    tiny_checkpoint(tmp_path / ".cache" / "cuesmith" / "models" / "ace-step-v1")
    generator = MusicGenerator(model="ace-step-base")
    music = generator.generate(
        prompt="uplifting pop with piano and strings", duration=30, structure=["intro", "verse", "chorus"]
    )
    path = music.export("bgm.mp3")
    assert soundfile.info(path).frames == 30 * RATE_HZ
    assert music.engine == "ace-step-v1"
