"""What our own ffmpeg child sends: NUT, raw pictures and samples with their timestamps."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.media.child import Child


def packets(child: Child) -> Iterator[tuple[str, float, NDArray[np.uint8]]]:
    """(kind, time, payload) of our own child's NUT stream; nothing when it died before its header."""
    try:
        container = av.open(child.stdout, mode="r", format="nut", buffer_size=1 << 18)
    except av.error.FFmpegError:
        return
    with container:
        pictures = ["frame", "still"]
        kinds = {s.index: pictures.pop(0) if s.type == "video" else "sound" for s in container.streams}
        for packet in container.demux():
            if packet.size and packet.pts is not None and packet.time_base is not None:
                yield (
                    kinds[packet.stream_index],
                    float(packet.pts * packet.time_base),
                    np.frombuffer(packet, np.uint8),  # type: ignore[call-overload,arg-type,unused-ignore]
                )
