"""From what an engine made to messages."""

from __future__ import annotations

import numpy as np
import pytest

from integrations.rpc.answers import check_sound, read_format
from integrations.rpc.generated import compose_pb2 as pb
from scoring.errors import EngineError, InputError
from scoring.request import CueAudio


def made_of(audio: np.ndarray) -> CueAudio:
    return CueAudio("1m1", "an-engine", audio.astype(np.float32), 0, audio.shape[1], (), ())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_sound_that_is_no_number_is_never_sent(value: float) -> None:
    audio = np.zeros((2, 10))
    audio[1, 7] = value
    with pytest.raises(EngineError, match="an-engine"):
        check_sound(made_of(audio))


def test_sound_beyond_full_scale_is_sound() -> None:
    made = made_of(np.full((2, 10), 3.0))
    assert check_sound(made) is made


def test_no_format_means_floats_and_one_of_the_future_is_refused() -> None:
    assert read_format(pb.SAMPLE_FORMAT_UNSPECIFIED) == pb.SAMPLE_FORMAT_F32
    with pytest.raises(InputError, match="7"):
        read_format(7)
