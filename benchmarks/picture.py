"""Draw a scored film so that it can be read at a glance: pictures, curve, cues, hits, waveform, spectrogram.

python benchmarks/picture.py film.scored.mp4 film.cuesmith -o picture.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import matplotlib
import numpy as np

from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.settings import Settings

matplotlib.use("Agg")
import matplotlib.pyplot as plt

RATE_HZ = 48_000
THUMBNAILS = 16


def strip(stills: Path, length_s: float) -> np.ndarray:
    """A row of evenly spaced stills, [H, W, 3]."""
    paths = sorted(stills.glob("*.jpg"))
    chosen = [paths[min(len(paths) - 1, int(length_s * (i + 0.5) / THUMBNAILS))] for i in range(THUMBNAILS)]
    return np.hstack([cv2.imread(str(path))[::2, ::2, ::-1] for path in chosen])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=Path("picture.png"))
    args = parser.parse_args()
    settings = Settings()
    blocks = read_sound(probe(args.video, settings), settings)
    audio = np.concatenate([block.samples for block in blocks], axis=1).mean(axis=0)
    sheet = json.loads((args.workspace / "cues.json").read_text("utf-8"))
    analysis = json.loads((args.workspace / "analysis.json").read_text("utf-8"))
    length_s = sheet["duration_s"]
    span = (0, length_s)

    figure, axes = plt.subplots(4, 1, figsize=(15, 9), sharex=True, gridspec_kw={"height_ratios": [0.9, 1.5, 1, 2.4]})
    axes[0].imshow(strip(args.workspace / "stills", length_s), aspect="auto", extent=(*span, 0, 1))
    axes[0].set_yticks([])
    axes[0].set_title(f"{sheet['source']}: {sheet['style']}, seed {sheet['seed']}, read by {sheet['analyser']}")

    curve = analysis["curve"]
    for name, colour in (("valence", "tab:green"), ("arousal", "tab:red"), ("tension", "tab:purple")):
        axes[1].plot(curve["times_s"], curve[name], color=colour, label=name)
    axes[1].set_ylim(-1, 1)
    axes[1].legend(loc="lower right", ncols=3)
    for cue in sheet["cues"]:
        axes[1].axvspan(cue["in_s"], cue["out_s"], alpha=0.06 if cue["id"][-1] in "13579" else 0.14, color="tab:blue")
        words = f"{cue['id']}  {cue['mood']}\n{cue['bpm']:.1f} bpm  {cue['key']}"
        axes[1].text(cue["in_s"] + 0.2, 0.95, words, va="top", fontsize=9)

    peaks = np.abs(audio[: len(audio) // 480 * 480]).reshape(-1, 480).max(axis=1)
    axes[2].fill_between(np.arange(len(peaks)) / 100, peaks, color="steelblue")
    axes[2].set_ylabel("peak")
    axes[3].specgram(audio, NFFT=4096, Fs=RATE_HZ, noverlap=2048, cmap="magma", vmin=-140, vmax=-40)
    axes[3].set_yscale("symlog", linthresh=200)
    axes[3].set_ylim(30, 20_000)
    axes[3].set_ylabel("Hz")
    axes[3].set_xlabel("seconds; grey: cuts, red: hits planned")
    for axis in axes[1:]:
        for cut in analysis["shots"]["cuts"]:
            axis.axvline(cut["time_s"], color="grey", lw=0.6)
            if "start_s" in cut:
                axis.axvspan(cut["start_s"], cut["end_s"], color="grey", alpha=0.2, lw=0)
        for cue in sheet["cues"]:
            for hit in cue["hit_points"]:
                axis.axvline(hit["time_s"], color="red", lw=1.1)
    axes[0].set_xlim(span)
    figure.tight_layout()
    figure.savefig(args.out, dpi=75)


if __name__ == "__main__":
    main()
