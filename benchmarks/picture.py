"""Draw a scored film so that it can be read at a glance: pictures, curve, cues, hits, waveform, spectrogram.

python benchmarks/picture.py film.scored.mp4 film.cuesmith -o picture.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.chart.lettering import SMALL, TITLE, write
from pipeline.chart.lines import draw_curve
from pipeline.chart.sheet import LEFT_PX, Sheet, time_axis
from pipeline.chart.strip import draw_strip, stills_in
from pipeline.chart.tracks import draw_cuts_through
from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.settings import Settings
from scoring.analysis import Analysis

RATE_HZ = 48_000
STRIP_PX = 110


def draw_cues(axes: Any, cues: list[dict[str, Any]]) -> None:
    """A tint for each cue, its name, mood, tempo and key at its top, its hits in red."""
    for cue in cues:
        axes.axvspan(cue["in_s"], cue["out_s"], alpha=0.06 if cue["id"][-1] in "13579" else 0.14, color="tab:blue")
        words = f"{cue['id']}  {cue['mood']}  {cue['bpm']:.1f} bpm  {cue['key']}"
        write(axes, cue["in_s"], 1.02, "  " + words, size=SMALL, va="bottom", transform=axes.get_xaxis_transform())


def draw_hits(axes: Any, cues: list[dict[str, Any]]) -> None:
    """A red line for each hit planned."""
    times_s = [hit["time_s"] for cue in cues for hit in cue["hit_points"]]
    axes.vlines(times_s, 0.0, 1.0, colors="red", linewidths=1.1, transform=axes.get_xaxis_transform())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=Path("picture.png"))
    args = parser.parse_args()
    settings = Settings()
    blocks = read_sound(probe(args.video, settings), settings)
    audio = np.concatenate([block.samples for block in blocks], axis=1).mean(axis=0)
    score = json.loads((args.workspace / "cues.json").read_text("utf-8"))
    analysis = Analysis.from_json(json.loads((args.workspace / "analysis.json").read_text("utf-8")))
    cues = score["cues"]

    sheet = Sheet.blank(1500, 1000, analysis.duration_s)
    title = f"{score['source']}: {score['style']}, seed {score['seed']}, read by {score['analyser']}"
    write(sheet.figure, LEFT_PX / 1500, 1 - 14 / 1000, title, size=TITLE, va="top")
    sheet.skip(48)
    draw_strip(sheet.row("pictures", STRIP_PX), stills_in(args.workspace / "stills"), sheet, STRIP_PX)
    sheet.top_px = sheet.next_px
    sheet.skip(30)
    curve = sheet.row("curve", 270)
    draw_curve(curve, analysis, sheet.inner_px)
    draw_cues(curve, cues)
    sheet.skip(10)
    peaks = np.abs(audio[: len(audio) // 480 * 480]).reshape(-1, 480).max(axis=1)
    waveform = sheet.row("peak", 120, label="peak")
    waveform.fill_between(np.arange(len(peaks)) / 100, peaks, color="steelblue")
    sheet.skip(10)
    spectrogram = sheet.row("spectrogram", 350, label="spectrum")
    spectrogram.specgram(audio, NFFT=4096, Fs=RATE_HZ, noverlap=2048, cmap="magma", vmin=-140, vmax=-40)
    spectrogram.set_yscale("symlog", linthresh=200)
    spectrogram.set_ylim(30, 20_000)
    for axes in (curve, waveform, spectrogram):
        axes.set_xlim(0.0, analysis.duration_s)
        axes.minorticks_off()
        axes.set_yticks([])
        if axes is not spectrogram:  # it has no ground for them to stand behind
            draw_cuts_through(axes, analysis.shots)
        draw_hits(axes, cues)
    time_axis(sheet)
    sheet.figure.savefig(args.out)


if __name__ == "__main__":
    main()
