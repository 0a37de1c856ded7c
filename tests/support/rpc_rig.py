"""A real gRPC server on loopback with the real composer, and what a client of it needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import grpc

from integrations.rpc.engines import Engines
from integrations.rpc.generated import compose_pb2 as pb
from integrations.rpc.generated import compose_pb2_grpc as services
from integrations.rpc.server import RpcServer, RpcSettings
from music_engine.engine import Capabilities, MusicEngine
from music_engine.options import EngineOptions
from music_engine.registry import make_engine
from scoring.request import CueAudio, CueRequest

KEYS = {"a-key": "tenant-a", "b-key": "tenant-b"}
WAIT_S = 60.0


class Watched:
    """The real engine, and a record of how each of its runs ended. gate: what a run waits for before it starts."""

    def __init__(self, engine: MusicEngine, gate: threading.Event | None = None) -> None:
        self._engine = engine
        self._gate = gate
        self.running = 0
        self.most_running = 0
        self.ended: list[str] = []

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    @property
    def capabilities(self) -> Capabilities:
        return self._engine.capabilities

    def compose(
        self, requests: Sequence[CueRequest], *, with_stems: bool, progress: Any, cancelled: Any
    ) -> list[CueAudio]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self._gate is not None:
                assert self._gate.wait(WAIT_S)
            made = self._engine.compose(requests, with_stems=with_stems, progress=progress, cancelled=cancelled)
        except Exception as error:
            self.ended.append(type(error).__name__)
            raise
        finally:
            self.running -= 1
        self.ended.append("done")
        return made


class Rig:
    """A running server. stub, key: the client's; engines: by name, as loaded."""

    def __init__(
        self, settings: RpcSettings, gate: threading.Event | None, keys: Callable[[str], object | None]
    ) -> None:
        self.engines: dict[str, Watched] = {}

        def make(name: str, options: EngineOptions) -> MusicEngine:
            self.engines[name] = Watched(make_engine(name, options), gate)
            return self.engines[name]

        self.server = RpcServer(settings, keys, Engines(EngineOptions(), make))
        self.server.start()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.server.port}")
        self.stub = services.ComposerStub(self.channel)

    def call(self, cue: pb.Cue, *, key: str | None = "a-key", engine: str = "composer", **more: Any) -> Any:
        """The stream of answers."""
        metadata = (("authorization", f"Bearer {key}"),) if key is not None else ()
        timeout_s = more.pop("timeout_s", WAIT_S)
        request = pb.ComposeCueRequest(cue=cue, engine=engine, **more)
        return self.stub.ComposeCue(request, metadata=metadata, timeout=timeout_s)

    def close(self) -> None:
        self.channel.close()
        self.server.stop(0)


@contextmanager
def rpc_rig(
    settings: RpcSettings | None = None,
    *,
    gate: threading.Event | None = None,
    keys: Callable[[str], object | None] = KEYS.get,
) -> Iterator[Rig]:
    """A server for the length of a test."""
    rig = Rig(settings or RpcSettings(), gate, keys)
    try:
        yield rig
    finally:
        if gate is not None:
            gate.set()
        rig.close()


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for a state, at most WAIT_S."""
    end_s = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.01)


def short_cue(**fields: Any) -> pb.Cue:
    """Eight seconds of music, with the fields given."""
    return pb.Cue(**{"mood": "calm", "duration_s": 8.0, "bpm": 100.0, "key": "D minor", "seed": 3, **fields})
