from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.media.bed import bed_for, beds
from pipeline.media.ffmpeg_gate import bundled_ffmpeg
from pipeline.settings import Settings
from pipeline.sound.file import SoundWriter
from pipeline.sound.loudness import LoudnessMeter
from pipeline.sound.master import measure


def noise(channels: int) -> np.ndarray:
    rng = np.random.default_rng(channels)
    return (0.05 * rng.uniform(0.3, 2, (channels, 1)) * rng.standard_normal((channels, 5 * 48_000))).astype(np.float32)


@pytest.mark.parametrize(
    ("layout", "channels", "name"),
    [
        ("stereo", 2, "stereo"),
        ("mono", 1, "stereo"),
        ("5.1", 6, "5.1"),
        ("5.1(side)", 6, "5.1"),
        ("6 channels", 6, "5.1"),
        ("7.1", 8, "7.1"),
        ("hexagonal", 6, "stereo"),
        ("quad", 4, "stereo"),
        ("22.2", 24, "stereo"),
    ],
)
def test_a_layout_of_ours_is_kept_and_any_other_becomes_stereo(layout: str, channels: int, name: str) -> None:
    assert bed_for(layout, channels).name == name


@pytest.mark.parametrize("name", ["5.0", "5.1", "7.1"])
def test_the_downmix_is_ffmpegs_own(tmp_path: Path, name: str) -> None:
    bed = beds()[name]
    sound = noise(bed.size)
    wav = tmp_path / "bed.wav"
    soundfile.write(wav, sound.T, 48_000, "FLOAT")
    chain = f"channelmap=channel_layout={name},aformat=channel_layouts=stereo"
    command = [bundled_ffmpeg(), "-v", "error", "-i", wav, "-af", chain, "-f", "f32le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    assert np.abs(np.frombuffer(raw, np.float32).reshape(-1, 2).T - bed.downmix(sound)).max() < 1e-5


@pytest.mark.parametrize("name", ["stereo", "5.0", "5.1", "7.1"])
def test_loudness_is_what_ebur128_reads_with_every_channel_counted(tmp_path: Path, name: str) -> None:
    bed = beds()[name]
    sound = noise(bed.size)
    path = tmp_path / "bed.w64"
    with SoundWriter(path, "float", bed.size) as out:
        out.write(sound)
    meter = LoudnessMeter(bed.weights)
    for block in np.array_split(sound, 7, axis=1):
        meter.add(block)
    assert meter.integrated_lufs == pytest.approx(measure(path, 5.0, Settings()).integrated_lufs, abs=0.11)


def test_music_plays_from_the_front_and_from_behind_only_when_asked() -> None:
    bed = beds()["5.1"]
    assert [place for _, place, _ in bed.spread(0.0)] == [0, 1]
    assert [(channel, place) for channel, place, _ in bed.spread(0.5)] == [(0, 0), (1, 1), (0, 4), (1, 5)]
