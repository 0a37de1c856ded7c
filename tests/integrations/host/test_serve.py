"""`cuesmith serve` with workers beside it: the whole service as one process family."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from service_rig import Rig, rig, until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, httpx.Client]]:
    with rig(tmp_path_factory.mktemp("served")) as made:
        _, address = made.api(workers=1)
        key = (made.root / "data" / "local.key").read_text().strip()
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
            yield made, client


def test_the_local_key_is_its_owners_alone(served: tuple[Rig, httpx.Client]) -> None:
    mode = (served[0].root / "data" / "local.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_it_is_ready_and_its_worker_is_alive(served: tuple[Rig, httpx.Client]) -> None:
    made, client = served
    assert client.get("/readyz").json()["status"] == "ready"
    sign = json.loads((made.root / "data" / "worker.alive").read_text())
    assert psutil.pid_exists(sign["pid"])
    assert "media" in sign["queues"]


def test_music_comes_from_words(served: tuple[Rig, httpx.Client]) -> None:
    _, client = served
    asked = {"prompt": "calm piano", "lyrics": "[verse]\nslow the river\n", "duration": 10, "output_format": "flac"}
    answer = client.post("/v1/audio/music/generate", json=asked).json()
    done = until(
        lambda: (
            now if (now := client.get(f"/v1/audio/music/{answer['task_id']}").json())["status"] != "processing" else 0
        ),
        120,
        "the music",
    )
    assert done["status"] == "completed"
    assert done["duration_sec"] == pytest.approx(10.0, abs=0.01)
    assert any("sung" in note or "sing" in note for note in done["notes"])
    sound = client.get(done["audio_url"])
    assert sound.content.startswith(b"fLaC")


def test_told_to_stop_it_leaves_no_process_and_no_sign_of_life(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        process, _ = made.api(workers=1)
        family = until(lambda: f if len(f := process.family()) > 1 else None, 30, "a child process")
        assert process.terminate() == 0
        assert not psutil.wait_procs(family, timeout=10)[1]
        assert not (tmp_path / "data" / "worker.alive").exists()
