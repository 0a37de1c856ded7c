from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import ffmpeg
import pytest

from pipeline.media import ffmpeg_gate
from pipeline.media.child import Child
from pipeline.media.limits import ChildLimits, without_network
from pipeline.settings import MediaLimits, Settings
from scoring.errors import DiskFull, MediaToolError

LIMITS = ChildLimits(memory_bytes=2**31, open_files=64, processor_s=60)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="limits of this kind exist on Linux")


def python(code: str, limits: ChildLimits = LIMITS, stall_s: float = 60.0) -> Child:
    return Child([sys.executable, "-I", "-c", code], limits=limits, stall_s=stall_s)


def test_what_a_child_writes_is_read_and_its_messages_kept() -> None:
    with python("import sys; print('out'); print('err', file=sys.stderr)") as child:
        assert child.stdout.read().strip() == b"out"
        assert child.finish().strip() == "err"


def test_a_child_that_fails_says_why() -> None:
    with python("raise SystemExit('no such codec')") as child, pytest.raises(MediaToolError, match="no such codec"):
        child.finish()


def test_a_full_disk_is_told_from_other_failures() -> None:
    with python("raise SystemExit('av_interleaved_write_frame(): No space left on device')") as child:
        child.stdout.read()
        with pytest.raises(DiskFull):
            child.finish()


def test_leaving_the_block_ends_the_child_and_what_it_started(tmp_path: Path) -> None:
    code = f"""
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(tmp_path / "pid")!r}, "w").write(str(grandchild.pid))
print("ready", flush=True)
time.sleep(600)
"""
    with python(code) as child:
        child.stdout.readline()
    grandchild = int((tmp_path / "pid").read_text())
    for _ in range(50):
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(grandchild)], capture_output=True, text=True).stdout
        if not state.strip() or state.strip().startswith("Z"):
            break
        time.sleep(0.1)
    else:
        pytest.fail("the grandchild lives on")


def test_a_child_that_moves_nothing_is_ended() -> None:
    began_s = time.monotonic()
    with python("import time; time.sleep(600)", stall_s=0.5) as child, pytest.raises(MediaToolError, match="moved"):
        child.finish()
    assert time.monotonic() - began_s < 60


@linux_only
def test_memory_and_processor_time_are_limited() -> None:
    small = ChildLimits(memory_bytes=2**28, open_files=64, processor_s=60)
    with python("x = bytearray(2**30)", small) as child, pytest.raises(MediaToolError, match="MemoryError"):
        child.finish()
    short = ChildLimits(memory_bytes=2**31, open_files=64, processor_s=1)
    with python("while True: pass", short) as child, pytest.raises(MediaToolError):
        child.finish()


@linux_only
def test_a_child_has_no_network_where_the_system_allows_that() -> None:
    if not without_network():
        pytest.skip("this system lets nobody make a network namespace")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass  # from here it can be reached
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)"
        with python(code) as child, pytest.raises(MediaToolError, match=r"unreachable|refused"):
            child.finish()


def test_secrets_in_the_environment_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with python("import os; print(sorted(os.environ))") as child:
        assert b"AWS" not in child.stdout.read()
    assert "AWS_SECRET_ACCESS_KEY" in os.environ


def test_a_long_command_tells_how_far_it_is_and_is_not_taken_for_stalled(tmp_path: Path) -> None:
    # Six seconds of work with a stall limit of three: only what it tells keeps it alive.
    settings = Settings(limits=MediaLimits(stall_s=3.0))
    slow = ffmpeg.input("sine=duration=6", f="lavfi", re=None)
    output = ffmpeg_gate.own_output(slow, path=tmp_path / "out.w64", format="w64")
    shares: list[float] = []
    ffmpeg_gate.run_through(output, settings, film_s=6.0, advance=shares.append)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.05)
