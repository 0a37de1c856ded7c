from __future__ import annotations

from pathlib import Path

import av
from films import ffmpeg, picture, tone
from scored import picture_md5

from pipeline.score_video import score_video


def test_a_film_cut_between_key_frames_without_encoding_is_scored(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg(
        *picture(8.0, rate="30000/1001"), *tone(8.0), "-c:v", "libx264", "-preset", "ultrafast", "-bf", "8",
        "-b_strategy", "0", "-g", "240", "-pix_fmt", "yuv420p", "-c:a", "aac", whole,
    )  # fmt: skip
    # The last picture kept leans on ones before it that were cut off: there is a hole in time before it, and the
    # container declares the film that much shorter than its last picture's end.
    ffmpeg("-t", "3.95", "-i", whole, "-c", "copy", cut)
    with av.open(str(cut)) as container:
        stream = container.streams.video[0]
        declared_s = float(stream.duration * stream.time_base)
        last_s = max(frame.time for frame in container.decode(video=0))
    assert last_s - declared_s > 0.1
    made = score_video(cut)
    assert picture_md5(made.video) == picture_md5(cut)
