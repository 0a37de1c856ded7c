"""Watches every picture go by and keeps a few numbers of each: what cuts and motion are found from."""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame, Plane

LAGS = 6  # how many pictures back each one is compared with: a flash up to 5 pictures long is seen through
THUMB_SIZE = (32, 18)  # columns, rows: coarse enough that grain, shake and small movement average out
COARSE_SIZE = (8, 9)  # the three planes of a thumb one above the other, each 8 by 3 cells: what a blend is solved on
MOTION_BASE_S = 0.1  # motion compares pictures at least this far apart, whatever the frame rate

COARSE_CELLS = COARSE_SIZE[0] * COARSE_SIZE[1]

Scalars = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """What was measured of N pictures. Changes are in 8-bit steps, 0..255 per plane.

    times_s: [N] rising. change: [N] mean absolute change of luma, Cb and Cr from the picture before, summed.
    structure: [N] −1..1, correlation of the coarse luma with the picture before. contrast: [N] standard deviation
    of the luma. lags: [N, LAGS], column k is the coarse change from the picture k + 1 before, infinite where
    there is none. coarse: [N, COARSE_CELLS] uint8, the picture in a few cells, luma first, then Cb and Cr. detail: [N]
    standard deviation of what a thumb does not show of the luma. pair_starts_s, pair_ends_s, pair_motion: [P]
    neighbouring pictures MOTION_BASE_S apart or just over, and the mean absolute luma change between them less the
    change of overall brightness, 0..1.
    """

    times_s: NDArray[np.float64]
    change: Scalars
    structure: Scalars
    contrast: Scalars
    lags: Scalars
    coarse: Plane
    detail: Scalars
    pair_starts_s: NDArray[np.float64]
    pair_ends_s: NDArray[np.float64]
    pair_motion: Scalars

    @property
    def end_s(self) -> float:
        """When the last picture ends, taking it to last as long as a picture usually does."""
        usual_s = float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0
        return float(self.times_s[-1]) + usual_s


class PictureMeter:
    """Takes pictures one at a time, remembers the last few, keeps about 130 bytes of each."""

    def __init__(self) -> None:
        self._size: tuple[int, int] | None = None
        self._before: tuple[Plane, Plane, Plane] | None = None
        self._thumbs: deque[Plane] = deque(maxlen=LAGS)
        self._times_s = array("d")
        self._change, self._structure, self._contrast, self._lags = (array("f") for _ in range(4))
        self._coarse, self._detail = array("B"), array("f")
        self._base: tuple[float, Plane, float] | None = None
        self._pair_starts_s, self._pair_ends_s, self._pair_motion = array("d"), array("d"), array("f")

    def see(self, frame: Frame) -> None:
        """Measure one picture against those before it. A change of size in mid-film is scaled away."""
        planes = self._planes(frame)
        thumb = np.concatenate([cv2.resize(plane, THUMB_SIZE, interpolation=cv2.INTER_AREA) for plane in planes])
        self._times_s.append(frame.time_s)
        self._compare(planes, thumb)
        self._coarsen(thumb)
        self._measure_motion(frame.time_s, planes[0])
        self._before = planes
        self._thumbs.appendleft(thumb)

    def track(self) -> PictureTrack:
        """What was measured so far."""
        return PictureTrack(
            times_s=np.array(self._times_s, np.float64),
            change=np.array(self._change, np.float32),
            structure=np.array(self._structure, np.float32),
            contrast=np.array(self._contrast, np.float32),
            lags=np.array(self._lags, np.float32).reshape(-1, LAGS),
            coarse=np.array(self._coarse, np.uint8).reshape(-1, COARSE_CELLS),
            detail=np.array(self._detail, np.float32),
            pair_starts_s=np.array(self._pair_starts_s, np.float64),
            pair_ends_s=np.array(self._pair_ends_s, np.float64),
            pair_motion=np.array(self._pair_motion, np.float32),
        )

    def _planes(self, frame: Frame) -> tuple[Plane, Plane, Plane]:
        """Luma, Cb and Cr at one size for the whole film: that of the first picture's chroma."""
        if self._size is None:
            self._size = (frame.cb.shape[1], frame.cb.shape[0])
        return self._fit(frame.luma), self._fit(frame.cb), self._fit(frame.cr)

    def _fit(self, plane: Plane) -> Plane:
        if (plane.shape[1], plane.shape[0]) == self._size:
            return plane
        return np.asarray(cv2.resize(plane, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def _compare(self, planes: tuple[Plane, Plane, Plane], thumb: Plane) -> None:
        luma_thumb = thumb[: THUMB_SIZE[1]]
        self._contrast.append(float(cv2.meanStdDev(planes[0])[1][0, 0]))
        if self._before is None:
            self._change.append(0.0)
            self._structure.append(1.0)
        else:
            pairs = zip(planes, self._before, strict=True)
            self._change.append(sum(cv2.norm(now, then, cv2.NORM_L1) for now, then in pairs) / planes[0].size)
            then_luma = self._thumbs[0][: THUMB_SIZE[1]]
            self._structure.append(float(cv2.matchTemplate(luma_thumb, then_luma, cv2.TM_CCOEFF_NORMED)[0, 0]))
        pixels = luma_thumb.size
        self._lags.extend(cv2.norm(thumb, then, cv2.NORM_L1) / pixels for then in self._thumbs)
        self._lags.extend([float("inf")] * (LAGS - len(self._thumbs)))

    def _coarsen(self, thumb: Plane) -> None:
        self._coarse.frombytes(cv2.resize(thumb, COARSE_SIZE, interpolation=cv2.INTER_AREA).tobytes())
        shown = float(cv2.meanStdDev(thumb[: THUMB_SIZE[1]])[1][0, 0])
        self._detail.append(max(self._contrast[-1] ** 2 - shown**2, 0.0) ** 0.5)

    def _measure_motion(self, time_s: float, luma: Plane) -> None:
        """Compare over a fixed stretch of time, not with the neighbour: so grain weighs the same at any frame rate."""
        if self._base is None:
            self._base = (time_s, luma, cv2.mean(luma)[0])
            return
        base_s, base_luma, base_mean = self._base
        if time_s - base_s < MOTION_BASE_S - 1e-3:  # timestamps of some containers are whole milliseconds
            return
        mean = cv2.mean(luma)[0]
        moved = cv2.norm(luma, base_luma, cv2.NORM_L1) / luma.size - abs(mean - base_mean)
        self._pair_starts_s.append(base_s)
        self._pair_ends_s.append(time_s)
        self._pair_motion.append(max(moved, 0.0) / 255.0)
        self._base = (time_s, luma, mean)
