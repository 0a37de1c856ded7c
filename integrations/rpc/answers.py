"""From what an engine made to the messages of an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from integrations.rpc.generated import compose_pb2 as pb
from music_engine.sdk.export import gain_within_full_scale
from scoring.errors import EngineError, InputError
from scoring.request import CueAudio, CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ

CHUNK_BYTES = 64 * 1024  # whole samples of either format; far below the 4 MiB that clients take in one message
_CHANNELS = 2
_SAMPLE_BYTES = {pb.SAMPLE_FORMAT_F32: 4, pb.SAMPLE_FORMAT_S16: 2}
_FULL_SCALE_S16 = 32767.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One composed cue. version: the engine's. warnings: the server's own, told before the engine's."""

    request: CueRequest
    made: CueAudio
    version: str
    format: pb.SampleFormat
    warnings: tuple[str, ...] = ()


def read_format(value: pb.SampleFormat) -> pb.SampleFormat:
    """The format asked for, F32 where none is. Raises InputError for a number this server does not know."""
    found = value or pb.SAMPLE_FORMAT_F32
    if found not in _SAMPLE_BYTES:
        raise InputError(f"format is {value}, which this server does not know", "Give 1 for F32 or 2 for S16")
    return found


def check_sound(made: CueAudio) -> CueAudio:
    """What an engine made, as it is. Raises EngineError where samples are no numbers: what players do then hurts."""
    if not np.isfinite(made.audio).all():
        raise EngineError(
            f"{made.engine} made sound that is not all numbers", "Try another seed, and report the request"
        )
    return made


def parts(answer: Answer) -> Iterator[pb.ComposeCueResponse]:
    """The layout, the sound in chunks, the summary. The sound is turned into bytes chunk by chunk, never as a whole."""
    made = answer.made
    samples = made.audio.shape[1]
    frame_bytes = _CHANNELS * _SAMPLE_BYTES[answer.format]
    yield pb.ComposeCueResponse(
        sound=pb.Sound(
            format=answer.format,
            sample_rate_hz=SAMPLE_RATE_HZ,
            channels=_CHANNELS,
            samples=samples,
            lead_in_samples=made.lead_in_samples,
            body_samples=made.body_samples,
            bytes=samples * frame_bytes,
        )
    )
    is_f32 = answer.format == pb.SAMPLE_FORMAT_F32
    gain = 1.0 if is_f32 else gain_within_full_scale([made.audio])
    digest = hashlib.sha256()
    step = CHUNK_BYTES // frame_bytes
    for start in range(0, samples, step):
        block = made.audio[:, start : start + step]
        data = _f32(block) if is_f32 else _s16(block, gain)
        digest.update(data)
        yield pb.ComposeCueResponse(chunk=pb.AudioChunk(offset_bytes=start * frame_bytes, data=data))
    yield pb.ComposeCueResponse(summary=_summary(answer, digest.hexdigest(), gain))


def _summary(answer: Answer, sha256: str, gain: float) -> pb.Summary:
    request, made = answer.request, answer.made
    return pb.Summary(
        engine=made.engine,
        engine_version=answer.version,
        bpm=request.bpm,
        key=str(request.key),
        beats_s=made.beats_s,
        bars_s=made.bars_s,
        chords=[pb.Chord(time_s=chord.time_s, symbol=chord.symbol) for chord in made.chords],
        warnings=[*answer.warnings, *made.warnings],
        unheeded=made.unheeded,
        sha256=sha256,
        gain=gain,
        midi=made.midi,
    )


def _f32(block: Samples) -> bytes:
    """[2, n] → interleaved little-endian float32, bit for bit."""
    return bytes(block.T.astype("<f4", copy=False).tobytes())


def _s16(block: Samples, gain: float) -> bytes:
    """[2, n] → interleaved little-endian int16, rounded to the nearest."""
    scaled = np.clip(np.rint(block.T * np.float32(gain * _FULL_SCALE_S16)), -32768, 32767)
    return bytes(scaled.astype("<i2").tobytes())
