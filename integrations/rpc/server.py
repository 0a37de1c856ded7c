"""The gRPC server of ComposeCue: who may call, how many at once, and what an error is answered with."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import grpc

from integrations.rpc.answers import Answer, check_sound, parts, read_format
from integrations.rpc.call import Call
from integrations.rpc.engines import Engines
from integrations.rpc.generated import compose_pb2 as pb
from integrations.rpc.generated import compose_pb2_grpc as services
from integrations.rpc.requests import read_cue
from integrations.rpc.statuses import details_of, status_of, told
from scoring.errors import CapacityError, CuesmithError, InputError, NotAuthorised

Authenticate = Callable[[str], object | None]  # a key → its tenant, None where there is none

_log = logging.getLogger("cuesmith.rpc")
_SPARE_CALLS = 8  # beyond those that compose: calls that are being refused, or whose answer is being sent
_KEEPALIVE_MS, _KEEPALIVE_TIMEOUT_MS = 60_000, 20_000  # a peer that is gone without a word is noticed within 80 s


class _TooLate(Exception):
    """A call lasted longer than it may; never leaves this module."""


@dataclass(frozen=True, slots=True)
class RpcSettings:
    """host, port: where to listen, 0 for any free port. at_once: cues composed at the same time.

    longest_cue_s: music a call may ask for. longest_call_s: a call's own limit where its client sets no deadline.
    request_bytes: of one request. progress_s: between two messages of progress.
    """

    host: str = "127.0.0.1"
    port: int = 0
    at_once: int = 2
    longest_cue_s: float = 600.0
    longest_call_s: float = 1800.0
    request_bytes: int = 256 * 1024
    progress_s: float = 0.25


class Composer(services.ComposerServicer):
    """Answers ComposeCue. authenticate: who a key belongs to. engines: that compose. clock: monotonic seconds."""

    def __init__(
        self,
        settings: RpcSettings,
        authenticate: Authenticate,
        engines: Engines,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._authenticate = authenticate
        self._engines = engines
        self._clock = clock
        self._places = threading.BoundedSemaphore(settings.at_once)
        self._workers = ThreadPoolExecutor(settings.at_once, "cuesmith-compose")

    def ComposeCue(  # noqa: N802 - the name of the proto
        self, request: pb.ComposeCueRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ComposeCueResponse]:
        """The answer, part by part. An error ends the call with the code of statuses.py."""
        try:
            self._check_key(context)
            yield from self._compose(request, context)
            return
        except _TooLate:
            code, trailers = grpc.StatusCode.DEADLINE_EXCEEDED, told("DeadlinePassed", "later")
            details = "composing took longer than this call may last. Ask for less music at once"
        except CuesmithError as error:
            code, details, trailers = status_of(error), details_of(error), told(type(error).__name__, error.retry)
        except Exception:
            name = uuid.uuid4().hex
            _log.exception("a call of ComposeCue broke, error %s", name)
            code, details = grpc.StatusCode.INTERNAL, f"cuesmith broke; report this error: {name}"
            trailers = told("Unexpected", "later")
        context.set_trailing_metadata(trailers)
        context.abort(code, details)

    def close(self) -> None:
        """Wait for the engines; nothing may be called any more."""
        self._workers.shutdown(wait=True)

    def _check_key(self, context: grpc.ServicerContext) -> None:
        for name, value in context.invocation_metadata():
            if name == "authorization" and isinstance(value, str):
                scheme, _, key = value.partition(" ")
                if scheme.lower() == "bearer" and key.strip() and self._authenticate(key.strip()) is not None:
                    return
        raise NotAuthorised("the API key is missing or not known", "Send the metadata 'authorization: Bearer KEY'")

    def _compose(self, asked: pb.ComposeCueRequest, context: grpc.ServicerContext) -> Iterator[pb.ComposeCueResponse]:
        if not self._places.acquire(blocking=False):
            most = self._settings.at_once
            raise CapacityError(f"{most} cues are being composed, the most at once", "Try again in some seconds")
        call = Call(context, self._settings.longest_call_s, self._clock, self._places.release)
        try:
            future: Future[Answer] = self._workers.submit(self._make, asked, call)
        except BaseException:
            call.engine_left()
            raise
        future.add_done_callback(lambda done: call.engine_left())
        told = -1.0
        while not future.done() and not call.is_unwanted():
            if call.share > told:
                told = call.share
                yield pb.ComposeCueResponse(progress=pb.Progress(share=told))
            wait([future], timeout=self._settings.progress_s)
        if call.is_late:
            raise _TooLate  # a client with a deadline has its answer already; this is for the server's own limit
        call.check()
        answer = future.result()
        yield pb.ComposeCueResponse(progress=pb.Progress(share=1.0))
        yield from parts(answer)

    def _make(self, asked: pb.ComposeCueRequest, call: Call) -> Answer:
        """In a thread of the workers: read, load, compose."""
        call.check()
        form = read_format(asked.format)
        engine = self._engines.get(asked.engine)
        longest_s = min(self._settings.longest_cue_s, engine.capabilities.maximum_duration_s)
        request, warnings = read_cue(asked.cue, longest_s)
        with self._engines.turn(engine, call.is_unwanted):
            (made,) = engine.compose([request], with_stems=False, progress=call.progress, cancelled=call.is_unwanted)
        return Answer(request, check_sound(made), engine.version, form, warnings)


class RpcServer:
    """A running server. Raises InputError where the port cannot be had."""

    def __init__(self, settings: RpcSettings, authenticate: Authenticate, engines: Engines) -> None:
        self._composer = Composer(settings, authenticate, engines)
        calls = settings.at_once + _SPARE_CALLS
        self._handlers = ThreadPoolExecutor(calls, "cuesmith-rpc")
        self._server = grpc.server(
            self._handlers,
            maximum_concurrent_rpcs=calls,  # beyond it gRPC itself answers RESOURCE_EXHAUSTED
            options=[
                ("grpc.so_reuseport", 0),  # two servers on one port would share its calls without a word
                ("grpc.max_receive_message_length", settings.request_bytes),
                ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
                ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
            ],
        )
        register: Any = services.add_ComposerServicer_to_server  # generated without types
        register(self._composer, self._server)
        address = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
        try:
            self.port: int = self._server.add_insecure_port(address)
        except RuntimeError as error:
            self._server.stop(None)
            self._composer.close()
            raise InputError(f"nothing can listen on {address}", "Set CUESMITH_GRPC_PORT to a free port") from error

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._server.start()
        _log.info("gRPC answers on port %d", self.port)

    def stop(self, grace_s: float) -> None:
        """Refuse new calls at once, let those there are finish for so long, then stop them and wait for the engines."""
        self._server.stop(grace_s).wait()
        self._composer.close()
        self._handlers.shutdown(wait=True)
