"""A service in this process that takes films and orders as the real one does and answers with music at once."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import soundfile

KEY = "csk_small"
RATE_HZ = 48_000


@dataclass
class SmallService:
    """polls: how often a job is asked for before it has ended. fails: the error that jobs end with. music_s: how long

    the music is; None: as long as the film. problem: what every request but for uploads is refused with. orders: what
    was asked for. cues, report, analysis: what jobs answer. has_music: False for a service too old to make it.
    """

    address: str = ""
    polls: int = 0
    fails: Mapping[str, Any] | None = None
    music_s: float | None = None
    problem: tuple[int, Mapping[str, Any]] | None = None
    has_music: bool = True
    hits: tuple[dict[str, Any], ...] = ({"time_s": 1.0, "weight": 0.8, "kind": "cut"},)
    ducks: tuple[dict[str, Any], ...] = ()
    confidence: float = 0.5
    cuts_after: int = 10**12  # bytes of an upload after which the first connection breaks
    orders: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    _same: dict[str, str] = field(default_factory=dict)
    _made: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def order(self, document: dict[str, Any], same: str) -> tuple[int, dict[str, Any]]:
        if same in self._same:
            return 200, {"id": self._same[same], "was_there": True}
        self.orders.append(document)
        job = f"job_{hashlib.sha256(same.encode()).hexdigest()[:32]}"
        self._same[same] = job
        edit = json.loads(document["texts"]["edit"])
        self._made[job] = self._files(edit["duration_s"], document["wish"])
        self.jobs[job] = {"id": job, "state": "queued", "progress": 0.0, "polls": self.polls}
        return 202, {"id": job, "was_there": False}

    def take(self, film: bytes) -> dict[str, Any]:
        """An upload in one form."""
        upload = f"up_{len(self.uploads)}"
        self.uploads[upload] = film
        sha256, size = hashlib.sha256(film).hexdigest(), len(film)
        times = {"created_s": 0.0, "expires_s": 0.0, "length_bytes": size, "offset_bytes": size}
        return {"id": upload, "state": "complete", "name": "film", "sha256": sha256, **times}

    def shown(self, job: str) -> dict[str, Any] | None:
        row = self.jobs.get(job)
        if row is None:
            return None
        if row["polls"] > 0:
            row["polls"] -= 1
            row |= {"state": "composing", "progress": 0.4}
        elif self.fails is not None:
            row |= {"state": "failed", "error": dict(self.fails)}
        else:
            row |= {"state": "succeeded", "progress": 1.0}
        files = [
            {"name": name, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in self._made[job].items()
        ]
        return {**row, "files": files if row["state"] == "succeeded" else []}

    def sheet(self, duration_s: float) -> dict[str, Any]:
        """Two cues of half the film each."""
        half_s = duration_s / 2
        cue = {"bpm": 96.0, "key": "D minor", "prompt": "warm strings"}
        hits = [hit for hit in self.hits if hit["time_s"] < duration_s]
        return {
            "duration_s": duration_s,
            "cues": [
                {"id": "1m1", "in_s": 0.0, "out_s": half_s, "mood": "tense", "hit_points": hits, **cue},
                {"id": "1m2", "in_s": half_s, "out_s": duration_s, "mood": "calm", "hit_points": [], **cue},
            ],
        }

    def _files(self, duration_s: float, wish: Mapping[str, Any]) -> dict[str, bytes]:
        samples = round((self.music_s if self.music_s is not None else duration_s) * RATE_HZ)
        report = {"loudness": {"music_lufs": -21.3}, "dialogue": {"ducks": list(self.ducks)}}
        curve = {"times_s": [0.0, duration_s / 2], "confidence": [self.confidence] * 2}
        made = {
            "film.scored.mp4": b"film",
            "cues.json": json.dumps(self.sheet(duration_s)).encode(),
            "report.json": json.dumps(report).encode(),
            "analysis.json": json.dumps({"curve": curve}).encode(),
        }
        if wish.get("music") and self.has_music:
            made["film.music.wav"] = _sound(samples, "WAV")
        if wish.get("stems"):
            made |= {f"stems/{name}.flac": _sound(samples, "FLAC") for name in ("brass", "strings")}
            made["stems/as mixed/film.flac"] = _sound(10, "FLAC")
        return made


def _sound(samples: int, form: str) -> bytes:
    made = io.BytesIO()
    soundfile.write(made, np.zeros((samples, 2), np.float32), RATE_HZ, format=form, subtype="PCM_24")
    return made.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: SmallService

    def do_GET(self) -> None:
        if self._refused():
            return None
        parts = self.path.partition("?")[0].strip("/").split("/", 3)
        if parts[1] == "uploads":
            data = self.service.uploads.get(parts[2])
            if data is None:
                return self._problem(404)
            return self._json(200, {"id": parts[2], "state": "complete", "sha256": hashlib.sha256(data).hexdigest()})
        if len(parts) == 2:
            return self._json(200, {"jobs": []})
        shown = self.service.shown(parts[2])
        if shown is None:
            return self._problem(404)
        made = self.service._made[parts[2]]
        if len(parts) == 3:
            return self._json(200, shown)
        if parts[3] == "cue-sheet":
            return self._json(200, json.loads(made["cues.json"]))
        from urllib.parse import unquote

        return self._send(200, made[unquote(parts[3]).removeprefix("files/")])

    def do_HEAD(self) -> None:
        if self._refused():
            return
        data = self.service.uploads[self.path.rpartition("/")[2]]
        self._send(200, b"", {"Upload-Offset": str(len(data))})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self._refused():
            return None
        if self.path == "/v1/uploads/file":
            mark = b"--" + self.headers["Content-Type"].partition("boundary=")[2].encode()
            film = body.split(mark)[1].partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            return self._json(201, self.service.take(film))
        if self.path == "/v1/uploads":
            upload = f"up_{len(self.service.uploads)}"
            self.service.uploads[upload] = b""
            return self._send(201, b"", {"Location": f"/v1/uploads/{upload}"})
        return self._json(*self.service.order(json.loads(body), self.headers["Idempotency-Key"]))

    def do_PATCH(self) -> None:
        upload = self.path.rpartition("/")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused():
            return None
        if int(self.headers["Upload-Offset"]) != len(self.service.uploads[upload]):
            return self._problem(409)
        if len(body) > self.service.cuts_after:
            self.service.uploads[upload] += body[: self.service.cuts_after]
            self.service.cuts_after = 10**12
            self.close_connection = True
            self.connection.close()
            return None
        self.service.uploads[upload] += body
        self._send(204, b"", {"Upload-Offset": str(len(self.service.uploads[upload]))})
        return None

    def _refused(self) -> bool:
        self.service.asked.append((self.command, self.path))
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._problem(401)
            return True
        if self.service.problem is not None:
            status, problem = self.service.problem
            self._json(status, problem)
            return True
        return False

    def _problem(self, status: int) -> None:
        self._json(status, {"detail": f"it is {status}", "advice": "See the docs"})

    def _json(self, status: int, value: Any) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def small_service(**more: Any) -> Iterator[SmallService]:
    """A running one."""
    service = SmallService(**more)
    handler = type("Handler", (_Handler,), {"service": service})
    web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    web.daemon_threads = True
    service.address = f"http://127.0.0.1:{web.server_address[1]}"
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        web.shutdown()
        web.server_close()
        thread.join()
