"""Playlists and texts that pass for a film: refused by a worker's first unit, and nothing they name is opened."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from disturbing import forkserver, hands
from films import plain_film
from service_rig import Rig, rig, until

from integrations.jobs import states

BOX = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"  # how an MP4 begins
RIDDLES = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{there}\n#EXT-X-ENDLIST\n",
    "hls master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{there}\n",
    "hls key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{there}"\n#EXTINF:5,\n{there}\n#EXT-X-ENDLIST\n',
    "ffconcat": "ffconcat version 1.0\nfile '{there}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n{there}\n",
    "dash": '<?xml version="1.0"?><MPD><Period><BaseURL>{there}</BaseURL></Period></MPD>',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{there}"/></svg>',
    "xml entity": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{there}">]><x>&e;</x>',
    "ass": "[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {there}\n",
    "srt": "1\n00:00:00,000 --> 00:00:01,000\n<img src={there}>\n",
    "pls": "[playlist]\nFile1={there}\nNumberOfEntries=1\n",
    "asx": '<asx version="3.0"><entry><ref href="{there}"/></entry></asx>',
    "ffmetadata": ";FFMETADATA1\ntitle={there}\n",
}
WITH_BOX = ("hls", "ffconcat", "sdp", "dash")  # and once more behind the first bytes of an MP4


class Canary:
    """A film and a listener that nobody may touch."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = plain_film(folder / "canary-of-another-tenant.ts", 1.0)
        self.calls = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def places(self) -> list[str]:
        """Names that lead to it."""
        path = str(self.file)
        return [path, f"file://{path}", f"http://127.0.0.1:{self.port}/x.ts", f"rtp://127.0.0.1:{self.port}"]

    def close(self) -> None:
        self._server.close()


def impostors(folder: Path, canary: Canary) -> list[Path]:
    """Files that claim to be films."""
    made = []
    for name, text in RIDDLES.items():
        for number, there in enumerate(canary.places()):
            content = text.format(there=there, port=canary.port).encode()
            made.append(folder / f"{name.replace(' ', '-')}-{number}.mp4")
            made[-1].write_bytes(content)
            if name in WITH_BOX:
                made.append(folder / f"{name}-{number}-box.mp4")
                made[-1].write_bytes(BOX + b"\n" + content)
    return made


@contextmanager
def traced(pids: list[int], log: Path) -> Iterator[None]:
    """Write down every file that processes, and those they start, open, and every address they connect to."""
    attach = [word for pid in pids for word in ("-p", str(pid))]
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,connect,execve", "-o", str(log), *attach],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        until(lambda: all(tracer_of(pid) == tracer.pid for pid in pids), 20, "strace")
        yield
    finally:
        tracer.terminate()
        tracer.communicate(timeout=30)


def tracer_of(pid: int) -> int:
    """The process that traces another, 0 for none."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("TracerPid:"))


@pytest.mark.slow
def test_what_passes_for_a_film_is_refused_and_opens_nothing(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    canary = Canary(tmp_path / "elsewhere")
    (tmp_path / "films").mkdir()
    log = tmp_path / "strace.txt"
    with rig(tmp_path / "rig") as service:
        worker = service.worker()
        service.succeeded(service.submit(plain_film(tmp_path / "real.mp4", 1.0), kind="analyse"))
        server = forkserver(worker)
        assert server is not None
        with traced([server.pid, *(hand.pid for hand in hands(worker))], log):
            jobs = {path.name: service.submit(path) for path in impostors(tmp_path / "films", canary)}
            for name, job in jobs.items():
                refused(service, name, job)
            control = service.submit(plain_film(tmp_path / "control.mp4", 1.5), kind="analyse")
            service.succeeded(control)
        seen = log.read_text()
        assert control in seen  # what is opened is seen
        assert "ffmpeg" in seen
        assert canary.file.name not in seen
        assert f"htons({canary.port})" not in seen
        assert canary.calls == 0
        assert len(jobs) >= 60
    canary.close()


def refused(service: Rig, name: str, job: str) -> None:
    """Hold that a job failed at its first attempt, within its first unit, and says why."""
    view = service.ended(job)
    assert view.state == states.FAILED, (name, view.state)
    assert view.error["code"] in ("unsupported_media", "broken_media"), (name, view.error)
    if not name.endswith("-box.mp4"):
        assert view.error["code"] == "unsupported_media", (name, view.error)
    assert view.error["attempts"] == 1
    assert [(row.kind, row.state) for row in service.units(job)] == [("analyse", "failed")]
    (row,) = service.units(job)
    assert row.ended_s - row.started_s < 20  # 1 s on a machine that does nothing else
    assert str(service.root) not in view.error["what"]


def test_a_listener_that_is_called_says_so(tmp_path: Path) -> None:
    canary = Canary(tmp_path / "elsewhere")
    socket.create_connection(("127.0.0.1", canary.port)).close()
    until(lambda: canary.calls == 1, 10, "the call")
    canary.close()
