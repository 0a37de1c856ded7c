"""A download that is stopped in the middle, as a process: what it leaves, and that the next one goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from published import CONFIG, safetensors_bytes
from range_server import RangeServer, range_server

from pipeline.models.catalogue import model_named

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()", "models"]
MODEL = model_named("TinyCLIP-40M")  # of its files no sizes are known, so that small ones do
WEIGHTS = safetensors_bytes()
KEPT_BYTES = 100_000
PATIENCE_S = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def serve(hub: RangeServer, hang_after: int | None) -> str:
    """The model's files; the path of its weights."""
    path = ""
    for file in MODEL.files:
        is_weights = file.path == "model.safetensors"
        served = hub.serve(
            file.repository,
            file.path,
            WEIGHTS if is_weights else CONFIG,
            revision=file.revision,
            hang_after=hang_after if is_weights else None,
            headers={"X-Repo-Commit": file.revision},
        )
        path = next(address for address, known in hub.files.items() if known is served)
    return path


def environment(hub: RangeServer, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CUESMITH_", "HF_"))}
    return {**kept, "HOME": str(home), "CUESMITH_HUB": hub.address}


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_goes_on_where_it_was_stopped(stop: signal.Signals, tmp_path: Path) -> None:
    folder = tmp_path / ".cache/cuesmith/models" / MODEL.name
    part = folder / "model.safetensors.part"
    with range_server() as hub:
        weights_path = serve(hub, hang_after=KEPT_BYTES)
        child = subprocess.Popen(
            [*COMMAND, "download", MODEL.name], env=environment(hub, tmp_path), stderr=subprocess.PIPE, text=True
        )
        until_s = time.monotonic() + PATIENCE_S
        while not (part.is_file() and part.stat().st_size) and time.monotonic() < until_s:
            time.sleep(0.02)
        child.send_signal(stop)
        _, said = child.communicate(timeout=PATIENCE_S)
        if stop == signal.SIGKILL:
            assert child.returncode == -signal.SIGKILL
        else:
            assert child.returncode == 130
            assert "stopped; what was finished is kept and reused" in said
        kept_bytes = part.stat().st_size
        assert 0 < kept_bytes <= KEPT_BYTES
        serve(hub, hang_after=None)
        again = subprocess.run(
            [*COMMAND, "download", MODEL.name], env=environment(hub, tmp_path), capture_output=True, text=True
        )
        assert again.returncode == 0, again.stderr
        assert (folder / "model.safetensors").read_bytes() == WEIGHTS
        assert hub.asked[-1] == (weights_path, f"bytes={kept_bytes}-")
        verified = subprocess.run(
            [*COMMAND, "verify", MODEL.name], env=environment(hub, tmp_path), capture_output=True, text=True
        )
        assert verified.returncode == 0, verified.stdout
        assert verified.stdout.count("as the first download says") == len(MODEL.files)
