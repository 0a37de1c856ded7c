"""What our own ffmpeg child sends: NUT, raw pictures and samples with their timestamps."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.media.child import Child


class _Pipe:
    """The child's output. A wish to stop that comes while it is read is kept for `check`: PyAV would swallow it."""

    def __init__(self, child: Child) -> None:
        self._file = child.stdout
        self._stopped: BaseException | None = None

    def read(self, size: int) -> bytes:
        """As a file's; nothing more once somebody wants to stop."""
        try:
            return b"" if self._stopped is not None else bytes(self._file.read(size))
        except BaseException as stop:
            self._stopped = stop
            return b""

    def check(self) -> None:
        """Raises what came while reading."""
        if self._stopped is not None:
            raise self._stopped


def packets(child: Child) -> Iterator[tuple[str, float, NDArray[np.uint8]]]:
    """(kind, time, payload) of our own child's NUT stream; nothing when it died before its header."""
    pipe = _Pipe(child)
    try:
        container = av.open(pipe, mode="r", format="nut", buffer_size=1 << 18)
    except av.error.FFmpegError:
        pipe.check()
        return
    with container:
        pictures = ["frame", "still"]
        kinds = {s.index: pictures.pop(0) if s.type == "video" else "sound" for s in container.streams}
        for packet in container.demux():
            pipe.check()
            if packet.size and packet.pts is not None and packet.time_base is not None:
                yield (
                    kinds[packet.stream_index],
                    float(packet.pts * packet.time_base),
                    np.frombuffer(packet, np.uint8),  # type: ignore[call-overload,arg-type,unused-ignore]
                )
        pipe.check()
