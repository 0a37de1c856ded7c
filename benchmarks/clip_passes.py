"""The four ways that `clip.py` and `clip_cuda.py` compare, over one film, with one set of random weights."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import load_file, save_file

from vision.clip.load import load_encoder
from vision.clip.torch_encoder import TorchEncoder
from vision.frames import MediaItem, Plane, Still

FORWARD_FACTOR = 1.15
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one round: decoding alone, bare forward passes alone, our pass, the usual way."""

    decode_s: float
    forward_s: float
    ours_s: float
    usual_s: float

    @property
    def against_goal(self) -> float:
        """At most 1 is asked: our pass over decoding and FORWARD_FACTOR times the forward passes."""
        return self.ours_s / (self.decode_s + FORWARD_FACTOR * self.forward_s)

    @property
    def times_faster(self) -> float:
        """Than the usual way."""
        return self.usual_s / self.ours_s


@dataclass(frozen=True, slots=True)
class Comparison:
    """runs: one a round. The distances are between our vectors or pixels and the usual way's, from full-size frames."""

    pictures: int
    runs: tuple[Run, ...]
    vector_max: float
    cosine_min: float
    pixel_mean: float
    peak_mb: float

    def row(self) -> dict[str, Any]:
        """Medians over the rounds."""

        def middle(of: Callable[[Run], float]) -> float:
            return round(statistics.median(of(run) for run in self.runs), 3)

        return {
            "pictures": self.pictures,
            "rounds": len(self.runs),
            "decode_s": middle(lambda run: run.decode_s),
            "forward_s": middle(lambda run: run.forward_s),
            "ours_s": middle(lambda run: run.ours_s),
            "usual_s": middle(lambda run: run.usual_s),
            "ours / (decode + 1.15 forward)": middle(lambda run: run.against_goal),
            "times faster than the usual way": middle(lambda run: run.times_faster),
            "every round's ratio": [round(run.times_faster, 2) for run in self.runs],
            "vectors: largest difference to the usual way": self.vector_max,
            "vectors: smallest cosine with the usual way": self.cosine_min,
            "pixels: mean difference to the full-size frame's transform": self.pixel_mean,
            "peak_mb": round(self.peak_mb),
        }


def random_weights(architecture: str, folder: Path) -> Path:
    """A safetensors file of that architecture at its real size, seeded."""
    path = folder / f"{architecture}.safetensors"
    if not path.exists():
        torch.manual_seed(0)
        save_file(open_clip.create_model(architecture, pretrained=None).state_dict(), path)
    return path


def loaded(architecture: str, weights: Path, device: str, **more: Any) -> TorchEncoder:
    """Our encoder."""
    return load_encoder(
        library="open_clip", architecture=architecture, weights=weights, name=architecture, device=device, **more
    )


def short_film(folder: Path) -> Path:
    """Eight seconds of 720p, for a quick look."""
    from film import ffmpeg

    path = folder / "film8.mp4"
    if not path.exists():
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=8", "-c:v", "libx264", "-preset", "veryfast", path)
    return path


def missing_for_films() -> list[str]:
    """What reading a film takes and is not installed; the rows without a film do without it."""
    return [name for name in ("av", "ffmpeg", "imageio_ffmpeg", "moviepy") if find_spec(name) is None]


def reader(film: Path) -> Iterable[MediaItem]:
    """The project's own decoding."""
    from pipeline.media.decode import FilmReader
    from pipeline.media.probe import probe
    from pipeline.settings import Settings

    return FilmReader(probe(film, Settings()), Settings())


def stills_of(film: Path) -> list[Still]:
    """Decoding alone: everything the reader hands over is taken."""
    return [item for item in reader(film) if isinstance(item, Still)]


def our_pass(encoder: TorchEncoder, film: Path) -> Vectors:
    """One pass over the film, pictures encoded while it is decoded."""
    waiting, pending = [], []
    for item in reader(film):
        if isinstance(item, Still):
            waiting.append(item.rgb)
            if len(waiting) == encoder.batch:
                pending.append(encoder.pictures(waiting))
                waiting = []
    pending.append(encoder.pictures(waiting))
    return np.concatenate([ready() for ready in pending])


def forwards(encoder: TorchEncoder, pictures: list[Plane], count: int) -> float:
    """Seconds of bare passes of the network over as many pictures in the same batches, already on the device."""
    with encoder._computing():
        shown = encoder.pixels(pictures[: encoder.batch]).to(encoder._precision)
    awaited()
    began_s = time.perf_counter()
    with encoder._computing():
        for start in range(0, count, encoder.batch):
            encoder._towers.pictures(shown[: min(encoder.batch, count - start)])
    awaited()
    return time.perf_counter() - began_s


def awaited() -> None:
    """Until the card has done what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


class Usual:
    """moviepy's frames at full size, open_clip's own transform, one picture at a time, in float32."""

    def __init__(self, architecture: str, weights: Path, device: str) -> None:
        self._device = device
        self._model = open_clip.create_model(architecture, pretrained=None).eval()
        self._model.load_state_dict(load_file(weights))
        self._model.to(device)
        self.transform = image_transform_v2(PreprocessCfg(size=self._model.visual.image_size), is_train=False)

    def vectors(self, film: Path, times_s: list[float]) -> Vectors:
        """At those times of the film."""
        from moviepy import VideoFileClip

        rows = []
        with VideoFileClip(str(film), audio=False) as clip, torch.inference_mode():
            for time_s in times_s:
                shown = self.transform(Image.fromarray(clip.get_frame(time_s)))[None].to(self._device)
                rows.append(self._model.encode_image(shown, normalize=True).cpu().numpy()[0])
        return np.stack(rows)

    def pixels(self, film: Path, time_s: float) -> torch.Tensor:
        """[3, side, side] as its network is shown them."""
        from moviepy import VideoFileClip

        with VideoFileClip(str(film), audio=False) as clip:
            return self.transform(Image.fromarray(clip.get_frame(time_s)))


def compare(architecture: str, weights: Path, film: Path, device: str, rounds: int, **more: Any) -> Comparison:
    """Rounds of the four ways, one after the other, so that what else the machine does hits all of them."""
    encoder = loaded(architecture, weights, device, **more)
    stills = stills_of(film)
    times_s, pictures = [still.time_s for still in stills], [still.rgb for still in stills]
    forget_peak()
    our_pass(encoder, film)  # what is done once is done
    peak_mb, usual, runs = peak_memory_mb(), Usual(architecture, weights, device), []
    for _ in range(rounds):
        decode_s, _ = timed(lambda: stills_of(film))
        forward_s = forwards(encoder, pictures, len(pictures))
        ours_s, ours = timed(lambda: our_pass(encoder, film))
        usual_s, theirs = timed(lambda: usual.vectors(film, times_s))
        runs.append(Run(decode_s, forward_s, ours_s, usual_s))
        print(f"  {architecture} {device}: {runs[-1]}", flush=True)
    shown = encoder.pixels(pictures[:1])[0].cpu()
    return Comparison(
        len(pictures), tuple(runs), float(np.abs(ours - theirs).max()), float((ours * theirs).sum(axis=1).min()),
        float((shown - usual.pixels(film, times_s[0])).abs().mean()), peak_mb,
    )  # fmt: skip


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and what the work gave."""
    began_s = time.perf_counter()
    given = work()
    awaited()
    return time.perf_counter() - began_s, given


def forget_peak() -> None:
    """Let the kernel count this process's peak memory anew (Linux)."""
    place = Path("/proc/self/clear_refs")
    if place.exists():
        place.write_text("5")


def peak_memory_mb() -> float:
    """The most this process held since, child processes not included; 0 where the kernel does not say."""
    place = Path("/proc/self/status")
    lines = place.read_text().splitlines() if place.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
