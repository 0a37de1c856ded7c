"""The encoder that torch runs: pictures in batches, words in batches, vectors of length 1 out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from scoring.errors import EngineError
from vision.clip.device import batch_of, right_threads
from vision.clip.encoder import PendingVectors, Vectors
from vision.clip.fingerprint import fingerprint_of
from vision.clip.towers import Towers
from vision.frames import Plane

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_TEXTS_AT_ONCE = 64


class TorchEncoder:
    """An Encoder (vision.clip.encoder) of a loaded model.

    Only the picture tower is moved to a lower precision: words are few, and every picture is compared with them.
    """

    def __init__(
        self, name: str, towers: Towers, device: torch.device, precision: torch.dtype, batch: int | None = None
    ) -> None:
        """batch: pictures at once; None takes what suits the kind of device."""
        import torch

        self._name = name
        self._towers = towers
        self._device = device
        self._precision = precision
        self._batch = batch or batch_of(device)
        self._fingerprint = fingerprint_of(towers.model.state_dict())  # of the weights as they came
        for part in towers.picture_parts:
            part.to(device=device, dtype=precision)
        towers.model.to(device)
        numbers = (towers.framing.scale, towers.framing.shift)
        self._scale, self._shift = (torch.tensor(three, device=device).reshape(1, 3, 1, 1) for three in numbers)
        # On a processor the work goes on in a thread of its own, so that whoever decodes need not wait for it.
        self._worker = ThreadPoolExecutor(1, "clip") if device.type == "cpu" else None
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        if self._stream is not None:
            torch.cuda.synchronize(device)  # the weights came on another stream

    @property
    def name(self) -> str:
        """As it was called when it was loaded."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Tells its weights from others under the same name."""
        return self._fingerprint

    @property
    def side_px(self) -> int:
        """The side of the square the network looks at."""
        return self._towers.framing.side_px

    @property
    def batch(self) -> int:
        """How many pictures are best given at once on this device."""
        return self._batch

    @property
    def device(self) -> str:
        """Where it computes: "cuda:0", "cpu"."""
        return str(self._device)

    @property
    def precision(self) -> str:
        """Of the picture tower: "float16"."""
        return str(self._precision).removeprefix("torch.")

    def pictures(self, pictures: Sequence[Plane]) -> PendingVectors:
        """Begin to encode pictures, each [H, W, 3] uint8 RGB of any size; the pictures are free again on return.

        This returns before the vectors are there. Waiting raises EngineError where a number overflowed.
        """
        starts = range(0, len(pictures), self.batch)
        begun = [self._begin(pictures[start : start + self.batch]) for start in starts]
        return lambda: self._joined([self._sound(waiting()) for waiting in begun])

    def texts(self, texts: Sequence[str]) -> Vectors:
        """[len(texts), D], in the same space."""
        starts = range(0, len(texts), _TEXTS_AT_ONCE)
        with self._computing():
            said = [self._towers.texts(texts[start : start + _TEXTS_AT_ONCE], self._device) for start in starts]
            return self._joined([self._sound(_unit(batch).cpu().numpy()) for batch in said])

    def pixels(self, pictures: Sequence[Plane]) -> Tensor:
        """What the network is shown: [N, 3, side, side] on the device, float32. Bytes travel, not numbers."""
        return self._shown(self._staged(pictures))

    def _staged(self, pictures: Sequence[Plane]) -> Tensor:
        """[N, side, side, 3] bytes in main memory, copied."""
        import torch

        side = self.side_px
        is_pinned = self._stream is not None  # the copy may then go on while this thread does other things
        staged = torch.empty((len(pictures), side, side, 3), dtype=torch.uint8, pin_memory=is_pinned)
        rows = staged.numpy()
        for row, picture in zip(rows, pictures, strict=True):
            row[...] = self._towers.framing.cut(picture)
        return staged

    def _shown(self, staged: Tensor) -> Tensor:
        import torch

        shown = staged.to(self._device, non_blocking=staged.is_pinned()).permute(0, 3, 1, 2)
        return torch.addcmul(self._shift, shown, self._scale)

    def _begin(self, pictures: Sequence[Plane]) -> Callable[[], Vectors]:
        import torch

        staged = self._staged(pictures)
        if self._worker is not None:
            return self._worker.submit(self._computed, staged).result
        with self._computing():
            vectors = self._encoded(staged)
            if self._stream is None:
                return lambda: vectors.cpu().numpy()
            host = torch.empty(vectors.shape, pin_memory=True)
            host.copy_(vectors, non_blocking=True)
            done = self._stream.record_event()

        def waited() -> Vectors:
            done.synchronize()
            return np.array(host.numpy())

        return waited

    def _computed(self, staged: Tensor) -> Vectors:
        with self._computing():
            return np.asarray(self._encoded(staged).numpy(), np.float32)

    def _encoded(self, staged: Tensor) -> Tensor:
        return _unit(self._towers.pictures(self._shown(staged).to(self._precision)))

    @contextmanager
    def _computing(self) -> Iterator[None]:
        import torch

        with torch.inference_mode(), right_threads(), torch.cuda.stream(self._stream):
            yield

    def _joined(self, batches: list[Vectors]) -> Vectors:
        return np.concatenate(batches) if batches else np.zeros((0, self._towers.length), np.float32)

    def _sound(self, vectors: Vectors) -> Vectors:
        if not np.isfinite(vectors).all():
            raise EngineError(f"{self._name} gave numbers that are none in {self.precision}", "Use precision float32")
        return vectors


def _unit(vectors: Tensor) -> Tensor:
    import torch

    return torch.nn.functional.normalize(vectors.float(), dim=-1)
