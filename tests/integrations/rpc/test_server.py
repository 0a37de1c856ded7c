"""ComposeCue, called by a real client over loopback with the real composer behind it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np
import pytest
from rpc_rig import Rig, rpc_rig, short_cue, wait_until

from integrations.rpc.answers import CHUNK_BYTES
from integrations.rpc.engines import Engines
from integrations.rpc.generated import compose_pb2 as pb
from integrations.rpc.requests import read_cue
from integrations.rpc.server import RpcServer, RpcSettings
from music_engine.engine import MusicEngine
from music_engine.options import EngineOptions
from music_engine.registry import make_engine
from scoring.errors import CapacityError, InputError


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with rpc_rig() as running:
        yield running


@pytest.fixture(scope="module")
def composer() -> MusicEngine:
    return make_engine("composer")


@dataclass
class Received:
    """An answer put together again."""

    shares: list[float] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    sound: pb.Sound = field(default_factory=pb.Sound)
    chunks: list[pb.AudioChunk] = field(default_factory=list)
    summary: pb.Summary = field(default_factory=pb.Summary)

    @property
    def data(self) -> bytes:
        return b"".join(chunk.data for chunk in self.chunks)


def receive(stream: Any) -> Received:
    got = Received()
    for message in stream:
        kind = message.WhichOneof("part")
        if kind not in got.order[-1:]:
            got.order.append(kind)
        if kind == "progress":
            got.shares.append(message.progress.share)
        elif kind == "chunk":
            got.chunks.append(message.chunk)
        elif kind == "sound":
            got.sound = message.sound
        else:
            got.summary = message.summary
    return got


def refusal(stream: Any) -> Any:
    with pytest.raises(grpc.RpcError) as refused:
        receive(stream)
    return refused.value


def trailer(error: Any, name: str) -> str:
    return next(value for key, value in error.trailing_metadata() if key == name)


def test_a_cue_arrives_bit_for_bit_as_the_engine_makes_it(rig: Rig, composer: MusicEngine) -> None:
    cue = short_cue(
        lead_in_s=0.6,
        tail_s=2.0,
        hit_points=[pb.HitPoint(time_s=4.0, weight=0.9)],
        wishes=pb.Wishes(instruments=["cello"], words="no drums"),
    )
    got = receive(rig.call(cue))
    request, _ = read_cue(cue, 600.0)
    (made,) = composer.compose([request], with_stems=False)
    assert np.array_equal(np.frombuffer(got.data, "<f4").reshape(-1, 2).T.view(np.uint32), made.audio.view(np.uint32))
    assert got.order == ["progress", "sound", "chunk", "summary"]
    assert got.shares == sorted(got.shares)
    assert got.shares[-1] == 1.0
    sound = got.sound
    assert (sound.sample_rate_hz, sound.channels, sound.samples) == (48_000, 2, made.audio.shape[1])
    assert (sound.lead_in_samples, sound.body_samples) == (made.lead_in_samples, 8 * 48_000)
    assert sound.bytes == len(got.data)
    summary = got.summary
    assert summary.sha256 == hashlib.sha256(got.data).hexdigest()
    assert (summary.engine, summary.engine_version) == ("composer", composer.version)
    assert (summary.bpm, summary.key, summary.gain) == (100.0, "D minor", 1.0)
    assert tuple(summary.beats_s) == made.beats_s
    assert summary.midi == made.midi


def test_chunks_are_bounded_and_leave_no_gap(rig: Rig) -> None:
    chunks = receive(rig.call(short_cue())).chunks
    assert {len(chunk.data) for chunk in chunks[:-1]} == {CHUNK_BYTES}
    assert 0 < len(chunks[-1].data) <= CHUNK_BYTES
    assert [chunk.offset_bytes for chunk in chunks] == [n * CHUNK_BYTES for n in range(len(chunks))]


def test_sixteen_bits_are_the_same_sound_rounded(rig: Rig) -> None:
    exact = receive(rig.call(short_cue()))
    rough = receive(rig.call(short_cue(), format=pb.SAMPLE_FORMAT_S16))
    floats = np.frombuffer(exact.data, "<f4") * np.float32(rough.summary.gain)
    assert len(rough.data) * 2 == len(exact.data)
    assert np.abs(np.frombuffer(rough.data, "<i2") / 32767.0 - floats).max() <= 0.51 / 32767.0
    assert rough.summary.sha256 == hashlib.sha256(rough.data).hexdigest()


def test_two_cues_are_composed_at_once_and_neither_changes_the_other(composer: MusicEngine) -> None:
    gate = threading.Event()
    cues = [short_cue(seed=seed, bpm=bpm) for seed, bpm in ((1, 90.0), (2, 132.0))]
    with rpc_rig(gate=gate) as rig, ThreadPoolExecutor(2) as clients:
        answers = [clients.submit(receive, rig.call(cue)) for cue in cues]
        wait_until(lambda: "composer" in rig.engines and rig.engines["composer"].running == 2, "two at once")
        gate.set()
        for cue, answer in zip(cues, answers, strict=True):
            (made,) = composer.compose([read_cue(cue, 600.0)[0]], with_stems=False)
            assert answer.result().data == made.audio.T.tobytes()


def test_one_call_more_than_there_is_room_for_is_told_so_and_served_later() -> None:
    gate = threading.Event()
    with rpc_rig(RpcSettings(at_once=1), gate=gate) as rig, ThreadPoolExecutor(1) as clients:
        first = clients.submit(receive, rig.call(short_cue()))
        wait_until(lambda: "composer" in rig.engines and rig.engines["composer"].running == 1, "one at once")
        error = refusal(rig.call(short_cue(seed=4)))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert trailer(error, "cuesmith-error") == CapacityError.__name__
        assert trailer(error, "cuesmith-retry") == "later"
        gate.set()
        assert first.result().summary.engine == "composer"
        wait_until(lambda: _is_served(rig), "room again")
        assert rig.engines["composer"].most_running == 1


def test_a_cancelled_call_stops_the_engine_and_makes_room() -> None:
    with rpc_rig(RpcSettings(at_once=1)) as rig:
        stream = rig.call(short_cue(duration_s=240.0))
        assert next(stream).WhichOneof("part") == "progress"
        wait_until(lambda: "composer" in rig.engines and rig.engines["composer"].running == 1, "the engine runs")
        stream.cancel()
        with pytest.raises(grpc.RpcError) as ended:
            next(stream)
        assert ended.value.code() is grpc.StatusCode.CANCELLED
        wait_until(lambda: _ended(rig) == ["Cancelled"], "the engine stopped")
        wait_until(lambda: _is_served(rig), "room again")


def _ended(rig: Rig) -> list[str]:
    """How the composer's calls ended; it is made with the first of them, which may take longer than a deadline."""
    return rig.engines["composer"].ended if "composer" in rig.engines else []


def test_a_deadline_stops_the_engine() -> None:
    with rpc_rig(RpcSettings(at_once=1)) as rig:
        error = refusal(rig.call(short_cue(duration_s=240.0), timeout_s=0.5))
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        wait_until(lambda: _ended(rig) == ["Cancelled"], "the engine stopped")


def test_the_server_has_a_limit_of_its_own_for_calls_without_a_deadline() -> None:
    with rpc_rig(RpcSettings(longest_call_s=2.0, progress_s=0.05)) as rig:
        error = refusal(rig.call(short_cue(duration_s=600.0), timeout_s=None))
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert "longer than this call may last" in error.details()
        wait_until(lambda: _ended(rig) == ["Cancelled"], "the engine stopped")


def test_a_client_that_reads_nothing_is_cut_off_and_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rpc.call.STALLED_S", 0.2)
    with rpc_rig(RpcSettings(at_once=1, longest_call_s=6.0)) as rig:
        assert _is_served(rig)
        stream = rig.call(short_cue(duration_s=30.0), timeout_s=None)  # 11.5 MB, of which nobody takes one
        wait_until(lambda: len(rig.engines["composer"].ended) == 2, "an end")
        assert rig.engines["composer"].ended == ["done", "done"]
        assert not _is_served(rig)  # the sound waits in memory, so its place is taken
        wait_until(lambda: _is_served(rig), "room again")
        with pytest.raises(grpc.RpcError):
            receive(stream)


def test_stopping_the_server_ends_the_calls_and_waits_for_the_engine() -> None:
    with rpc_rig() as rig:
        stream = rig.call(short_cue(duration_s=240.0))
        next(stream)
        wait_until(lambda: "composer" in rig.engines and rig.engines["composer"].running == 1, "the engine runs")
        rig.server.stop(0)
        assert rig.engines["composer"].ended == ["Cancelled"]
        with pytest.raises(grpc.RpcError):
            receive(stream)


@pytest.mark.parametrize("key", [None, "", "no-such-key", "a-key more"], ids=["none", "empty", "unknown", "longer"])
def test_without_a_known_key_nothing_is_composed(key: str | None) -> None:
    with rpc_rig() as rig:
        error = refusal(rig.call(short_cue(), key=key))
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert trailer(error, "cuesmith-retry") == "never"
        assert rig.engines == {}
        assert not key or key not in error.details()


def test_a_key_is_asked_for_before_the_request_is_looked_at(rig: Rig) -> None:
    assert refusal(rig.call(pb.Cue(), key="no-such-key")).code() is grpc.StatusCode.UNAUTHENTICATED


def test_an_engine_there_is_not_is_named_with_those_there_are(rig: Rig) -> None:
    error = refusal(rig.call(short_cue(), engine="theremin"))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "theremin" in error.details()
    assert "composer" in error.details()
    assert trailer(error, "cuesmith-error") == "UnknownChoice"


def test_a_request_over_the_size_limit_is_refused_before_it_is_read(rig: Rig) -> None:
    error = refusal(rig.call(short_cue(prompt="x" * 300_000)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "262144" in error.details()


def test_more_music_than_a_call_may_ask_for_is_refused_with_the_limit(rig: Rig) -> None:
    error = refusal(rig.call(short_cue(duration_s=601.0)))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "601" in error.details()
    assert "600" in error.details()


def test_a_very_long_name_does_not_break_the_answer_that_quotes_it(rig: Rig) -> None:
    error = refusal(rig.call(short_cue(mood="m" * 100_000)))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(error.details()) <= 1000


def test_what_nobody_foresaw_is_answered_with_an_id_and_not_with_its_text(caplog: pytest.LogCaptureFixture) -> None:
    def broken(key: str) -> object:
        raise RuntimeError(f"the database said no to {len(key)} letters")

    with rpc_rig(keys=broken) as rig:
        error = refusal(rig.call(short_cue(), key="canary-key"))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "database" not in error.details()
    assert error.details().split(": ")[-1] in caplog.text
    assert "canary-key" not in caplog.text


def test_a_port_that_is_taken_is_named(rig: Rig) -> None:
    with pytest.raises(InputError, match=str(rig.server.port)):
        RpcServer(RpcSettings(port=rig.server.port), lambda key: None, Engines(EngineOptions()))


def _is_served(rig: Rig) -> bool:
    """Whether a call finds room now."""
    try:
        return bool(receive(rig.call(short_cue(duration_s=2.0))).summary.engine)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise
        return False
