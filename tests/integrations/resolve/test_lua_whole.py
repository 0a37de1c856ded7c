"""The Lua script with the real service: a film that ffmpeg rendered, scored by a worker, laid on the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from fake_resolve import FakeProgram, Quirks
from lua_stage import LuaStage
from service_rig import Rig, rig

from integrations.host.parts import KEY_FILE


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, str]]:
    with rig(tmp_path_factory.mktemp("service")) as made:
        yield made, made.api(workers=1)[1]


@pytest.mark.slow
@pytest.mark.parametrize("closed_in", [False, True], ids=["by curl", "by the companion"])
def test_a_timeline_is_rendered_sent_scored_and_laid(closed_in: bool, service: tuple[Rig, str], tmp_path: Path) -> None:
    made, address = service
    program = FakeProgram(Quirks(edition="free_21_1" if closed_in else "studio"))
    program.open_timeline("24", "01:00:00:00")
    program.shots(60, 84)
    program.mark(100, "Pink", "door slams")
    key = (made.settings.data / KEY_FILE).read_text().strip()
    stage = LuaStage(tmp_path, address, closed_in=closed_in, key=key)
    if closed_in:
        with stage.companion():
            last = stage.run(program, stems=True, wait_s=120)
    else:
        last = stage.run(program, stems=True, wait_s=120)
    assert "lies on audio track 2, Cuesmith, from frame 86400 for 144 frames (6.00 s)" in last
    assert "the project is saved" in last
    (music,) = program.track("Cuesmith").items
    assert (music.start, music.frames) == (86400, 144)
    assert music.clip is not None
    with soundfile.SoundFile(music.clip.path) as file:
        assert (file.samplerate, file.channels, file.subtype, file.frames) == (48_000, 2, "PCM_24", 288_000)
    bext = Path(music.clip.path).read_bytes().partition(b"bext")[2]
    assert int.from_bytes(bext[4 + 338 : 4 + 346], "little") == 3600 * 48_000
    stems = [track for track in program.timeline.tracks["audio"] if track.name.startswith("Cuesmith ")]
    assert stems
    assert all(not track.is_enabled and len(track.items) == 1 for track in stems)
    colours = [marker.color for _, marker in sorted(program.timeline.markers.items())]
    assert colours.count("Pink") == 1
    assert "Blue" in colours or "Yellow" in colours
    job = made.job(stage_job(program))
    assert job.order["texts"]["edit"].count('"door slams"') == 1
    sheet = (made.fetch(job, "cues.json")).read_text()
    assert '"kind": "manual"' in sheet
    assert '"locked": true' in sheet


def stage_job(program: FakeProgram) -> str:
    """The job that the markers name."""
    (job,) = {m.custom_data.split(":")[2] for m in program.timeline.markers.values() if m.custom_data}
    return job
