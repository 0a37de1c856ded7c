from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SampleFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SAMPLE_FORMAT_UNSPECIFIED: _ClassVar[SampleFormat]
    SAMPLE_FORMAT_F32: _ClassVar[SampleFormat]
    SAMPLE_FORMAT_S16: _ClassVar[SampleFormat]

class HitKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HIT_KIND_UNSPECIFIED: _ClassVar[HitKind]
    HIT_KIND_CUT: _ClassVar[HitKind]
    HIT_KIND_MOTION: _ClassVar[HitKind]
    HIT_KIND_SOUND: _ClassVar[HitKind]
    HIT_KIND_TURN: _ClassVar[HitKind]
    HIT_KIND_REVEAL: _ClassVar[HitKind]
    HIT_KIND_MANUAL: _ClassVar[HitKind]

class Ending(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENDING_UNSPECIFIED: _ClassVar[Ending]
    ENDING_CROSSFADE: _ClassVar[Ending]
    ENDING_RING_OUT: _ClassVar[Ending]
    ENDING_CUT: _ClassVar[Ending]
    ENDING_END: _ClassVar[Ending]
SAMPLE_FORMAT_UNSPECIFIED: SampleFormat
SAMPLE_FORMAT_F32: SampleFormat
SAMPLE_FORMAT_S16: SampleFormat
HIT_KIND_UNSPECIFIED: HitKind
HIT_KIND_CUT: HitKind
HIT_KIND_MOTION: HitKind
HIT_KIND_SOUND: HitKind
HIT_KIND_TURN: HitKind
HIT_KIND_REVEAL: HitKind
HIT_KIND_MANUAL: HitKind
ENDING_UNSPECIFIED: Ending
ENDING_CROSSFADE: Ending
ENDING_RING_OUT: Ending
ENDING_CUT: Ending
ENDING_END: Ending

class ComposeCueRequest(_message.Message):
    __slots__ = ("cue", "engine", "format")
    CUE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    cue: Cue
    engine: str
    format: SampleFormat
    def __init__(self, cue: _Optional[_Union[Cue, _Mapping]] = ..., engine: _Optional[str] = ..., format: _Optional[_Union[SampleFormat, str]] = ...) -> None: ...

class Cue(_message.Message):
    __slots__ = ("cue_id", "style", "prompt", "mood", "duration_s", "bpm", "key", "metre", "first_downbeat_s", "valence", "arousal", "tension", "intensity", "hit_points", "ending", "seed", "film_seed", "is_first", "is_last", "lead_in_s", "tail_s", "structure", "lyrics", "wishes", "speech", "density", "palette")
    CUE_ID_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    MOOD_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    BPM_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    METRE_FIELD_NUMBER: _ClassVar[int]
    FIRST_DOWNBEAT_S_FIELD_NUMBER: _ClassVar[int]
    VALENCE_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_FIELD_NUMBER: _ClassVar[int]
    TENSION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    HIT_POINTS_FIELD_NUMBER: _ClassVar[int]
    ENDING_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    FILM_SEED_FIELD_NUMBER: _ClassVar[int]
    IS_FIRST_FIELD_NUMBER: _ClassVar[int]
    IS_LAST_FIELD_NUMBER: _ClassVar[int]
    LEAD_IN_S_FIELD_NUMBER: _ClassVar[int]
    TAIL_S_FIELD_NUMBER: _ClassVar[int]
    STRUCTURE_FIELD_NUMBER: _ClassVar[int]
    LYRICS_FIELD_NUMBER: _ClassVar[int]
    WISHES_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    DENSITY_FIELD_NUMBER: _ClassVar[int]
    PALETTE_FIELD_NUMBER: _ClassVar[int]
    cue_id: str
    style: str
    prompt: str
    mood: str
    duration_s: float
    bpm: float
    key: str
    metre: Metre
    first_downbeat_s: float
    valence: float
    arousal: float
    tension: float
    intensity: _containers.RepeatedCompositeFieldContainer[Point]
    hit_points: _containers.RepeatedCompositeFieldContainer[HitPoint]
    ending: Ending
    seed: int
    film_seed: int
    is_first: bool
    is_last: bool
    lead_in_s: float
    tail_s: float
    structure: _containers.RepeatedScalarFieldContainer[str]
    lyrics: str
    wishes: Wishes
    speech: _containers.RepeatedCompositeFieldContainer[Span]
    density: _containers.RepeatedCompositeFieldContainer[Point]
    palette: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, cue_id: _Optional[str] = ..., style: _Optional[str] = ..., prompt: _Optional[str] = ..., mood: _Optional[str] = ..., duration_s: _Optional[float] = ..., bpm: _Optional[float] = ..., key: _Optional[str] = ..., metre: _Optional[_Union[Metre, _Mapping]] = ..., first_downbeat_s: _Optional[float] = ..., valence: _Optional[float] = ..., arousal: _Optional[float] = ..., tension: _Optional[float] = ..., intensity: _Optional[_Iterable[_Union[Point, _Mapping]]] = ..., hit_points: _Optional[_Iterable[_Union[HitPoint, _Mapping]]] = ..., ending: _Optional[_Union[Ending, str]] = ..., seed: _Optional[int] = ..., film_seed: _Optional[int] = ..., is_first: _Optional[bool] = ..., is_last: _Optional[bool] = ..., lead_in_s: _Optional[float] = ..., tail_s: _Optional[float] = ..., structure: _Optional[_Iterable[str]] = ..., lyrics: _Optional[str] = ..., wishes: _Optional[_Union[Wishes, _Mapping]] = ..., speech: _Optional[_Iterable[_Union[Span, _Mapping]]] = ..., density: _Optional[_Iterable[_Union[Point, _Mapping]]] = ..., palette: _Optional[_Iterable[str]] = ...) -> None: ...

class Metre(_message.Message):
    __slots__ = ("beats", "unit")
    BEATS_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    beats: int
    unit: int
    def __init__(self, beats: _Optional[int] = ..., unit: _Optional[int] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("time_s", "value")
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    time_s: float
    value: float
    def __init__(self, time_s: _Optional[float] = ..., value: _Optional[float] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("start_s", "end_s")
    START_S_FIELD_NUMBER: _ClassVar[int]
    END_S_FIELD_NUMBER: _ClassVar[int]
    start_s: float
    end_s: float
    def __init__(self, start_s: _Optional[float] = ..., end_s: _Optional[float] = ...) -> None: ...

class HitPoint(_message.Message):
    __slots__ = ("time_s", "weight", "tolerance_ms", "kind", "locked")
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_MS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    time_s: float
    weight: float
    tolerance_ms: float
    kind: HitKind
    locked: bool
    def __init__(self, time_s: _Optional[float] = ..., weight: _Optional[float] = ..., tolerance_ms: _Optional[float] = ..., kind: _Optional[_Union[HitKind, str]] = ..., locked: _Optional[bool] = ...) -> None: ...

class Wishes(_message.Message):
    __slots__ = ("words", "instruments", "avoid", "is_alone", "genres", "effects", "sections")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    AVOID_FIELD_NUMBER: _ClassVar[int]
    IS_ALONE_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    words: str
    instruments: _containers.RepeatedScalarFieldContainer[str]
    avoid: _containers.RepeatedScalarFieldContainer[str]
    is_alone: bool
    genres: _containers.RepeatedScalarFieldContainer[str]
    effects: _containers.RepeatedScalarFieldContainer[str]
    sections: _containers.RepeatedCompositeFieldContainer[Section]
    def __init__(self, words: _Optional[str] = ..., instruments: _Optional[_Iterable[str]] = ..., avoid: _Optional[_Iterable[str]] = ..., is_alone: _Optional[bool] = ..., genres: _Optional[_Iterable[str]] = ..., effects: _Optional[_Iterable[str]] = ..., sections: _Optional[_Iterable[_Union[Section, _Mapping]]] = ...) -> None: ...

class Section(_message.Message):
    __slots__ = ("name", "level", "weight", "instruments", "avoid")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    AVOID_FIELD_NUMBER: _ClassVar[int]
    name: str
    level: float
    weight: float
    instruments: _containers.RepeatedScalarFieldContainer[str]
    avoid: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., level: _Optional[float] = ..., weight: _Optional[float] = ..., instruments: _Optional[_Iterable[str]] = ..., avoid: _Optional[_Iterable[str]] = ...) -> None: ...

class ComposeCueResponse(_message.Message):
    __slots__ = ("progress", "sound", "chunk", "summary")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    SOUND_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    sound: Sound
    chunk: AudioChunk
    summary: Summary
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., sound: _Optional[_Union[Sound, _Mapping]] = ..., chunk: _Optional[_Union[AudioChunk, _Mapping]] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("share",)
    SHARE_FIELD_NUMBER: _ClassVar[int]
    share: float
    def __init__(self, share: _Optional[float] = ...) -> None: ...

class Sound(_message.Message):
    __slots__ = ("format", "sample_rate_hz", "channels", "samples", "lead_in_samples", "body_samples", "bytes")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    LEAD_IN_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    BODY_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    format: SampleFormat
    sample_rate_hz: int
    channels: int
    samples: int
    lead_in_samples: int
    body_samples: int
    bytes: int
    def __init__(self, format: _Optional[_Union[SampleFormat, str]] = ..., sample_rate_hz: _Optional[int] = ..., channels: _Optional[int] = ..., samples: _Optional[int] = ..., lead_in_samples: _Optional[int] = ..., body_samples: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class AudioChunk(_message.Message):
    __slots__ = ("offset_bytes", "data")
    OFFSET_BYTES_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    offset_bytes: int
    data: bytes
    def __init__(self, offset_bytes: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class Summary(_message.Message):
    __slots__ = ("engine", "engine_version", "bpm", "key", "beats_s", "bars_s", "chords", "warnings", "unheeded", "sha256", "gain", "midi")
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BPM_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    BEATS_S_FIELD_NUMBER: _ClassVar[int]
    BARS_S_FIELD_NUMBER: _ClassVar[int]
    CHORDS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    UNHEEDED_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    GAIN_FIELD_NUMBER: _ClassVar[int]
    MIDI_FIELD_NUMBER: _ClassVar[int]
    engine: str
    engine_version: str
    bpm: float
    key: str
    beats_s: _containers.RepeatedScalarFieldContainer[float]
    bars_s: _containers.RepeatedScalarFieldContainer[float]
    chords: _containers.RepeatedCompositeFieldContainer[Chord]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    unheeded: _containers.RepeatedScalarFieldContainer[str]
    sha256: str
    gain: float
    midi: bytes
    def __init__(self, engine: _Optional[str] = ..., engine_version: _Optional[str] = ..., bpm: _Optional[float] = ..., key: _Optional[str] = ..., beats_s: _Optional[_Iterable[float]] = ..., bars_s: _Optional[_Iterable[float]] = ..., chords: _Optional[_Iterable[_Union[Chord, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ..., unheeded: _Optional[_Iterable[str]] = ..., sha256: _Optional[str] = ..., gain: _Optional[float] = ..., midi: _Optional[bytes] = ...) -> None: ...

class Chord(_message.Message):
    __slots__ = ("time_s", "symbol")
    TIME_S_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    time_s: float
    symbol: str
    def __init__(self, time_s: _Optional[float] = ..., symbol: _Optional[str] = ...) -> None: ...
