"""The script, the stand-in with a film that ffmpeg renders, and the service as it really runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from fake_resolve import FakeProgram
from resolve_script import load_script, write_options
from service_rig import rig


@pytest.mark.slow
def test_a_timeline_is_scored_by_the_real_service_and_again_without_composing(tmp_path: Path) -> None:
    program = FakeProgram()
    program.open_timeline("29.97", "01:00:00:00")
    program.shots(120, 150, 90)
    program.mark(200, "Pink", "door")
    program.timeline.marks = {kind: {"in": 30, "out": 329} for kind in ("video", "audio")}
    script = load_script()
    with rig(tmp_path / "service") as service:
        _, address = service.api(workers=1)
        path = write_options(tmp_path, address, stems=True, engine="composer", wait_s=240)
        (tmp_path / "key.txt").write_text(service.key() + "\n")
        options = script.read_options(path)
        told = script.run(program.resolve, options)
        (item,) = program.track("Cuesmith").items
        assert (item.start, item.frames) == (108_030, 300)
        music = soundfile.info(program.bin("Cuesmith")[0])
        assert (music.samplerate, music.channels, music.subtype) == (48_000, 2, "PCM_24")
        assert music.frames == pytest.approx(300 * 48_000 * 1001 / 30_000, abs=1)
        assert _time_reference(Path(program.bin("Cuesmith")[0])) == round(108_030 * 48_000 * 1001 / 30_000)
        stems = [track for track in program.timeline.tracks["audio"] if track.name.startswith("Cuesmith ")]
        assert stems
        assert all(not track.is_enabled and len(track.items) == 1 for track in stems)
        cues = [marker for marker in program.timeline.markers.values() if marker.name.startswith("1M1")]
        assert len(cues) == 1
        assert program.timeline.markers[200].name == "door"
        job = told.partition("job ")[2].partition(",")[0]
        sheet = service.fetch(service.job(job), "cues.json").read_text()
        assert '"kind": "manual"' in sheet
        assert "collects" not in told
        again = script.run(program.resolve, options)
        assert "took the place of the earlier music" in again
        assert job in again


def _time_reference(path: Path) -> int:
    """Samples since midnight, of a BWF's bext chunk (EBU Tech 3285)."""
    data = path.read_bytes()
    at = data.index(b"bext") + 8 + 256 + 32 + 32 + 10 + 8
    return int.from_bytes(data[at : at + 8], "little")
