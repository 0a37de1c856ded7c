"""Every setting that comes from outside, read once, here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from music_engine.options import EngineOptions
from scoring.errors import InputError

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")

_HUB = "https://huggingface.co"
_HOST = re.compile(r"[\w.:-]+")
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What a film may be at most, and what a child process that reads it may use.

    memory_bytes bounds address space, which is well above resident memory: decoding 4K with eight threads
    maps about 2 GiB and keeps a quarter of it resident.
    """

    duration_s: float = 4 * 3600.0
    width_px: int = 8192
    height_px: int = 8192
    pixels: int = 8192 * 4320
    smallest_side_px: int = 16
    streams: int = 16
    audio_channels: int = 8
    file_bytes: int = 20 * 10**9
    memory_bytes: int = 4 * 2**30
    open_files: int = 64
    probe_s: float = 60.0
    stall_s: float = 300.0  # a child that moves nothing for this long is ended


def _own_models() -> Path:
    return Path.home() / ".cache" / "cuesmith" / "models"


def _hub_cache() -> Path:
    return Path.home() / ".cache" / "huggingface" / "hub"


@dataclass(frozen=True, slots=True)
class Settings:
    """ffmpeg: a binary to use instead of the bundled one. engines: what is said about them where a run says nothing.

    models: the folder that fetched models are put into. hub: where they are fetched from, an address without a slash at
    its end. hub_cache: what the hub's own tools fetched, looked into and never written. analyser, encoder: names, or a
    folder for the encoder; words: a vocabulary file for the encoder. None: nothing is said.
    """

    limits: MediaLimits = MediaLimits()
    ffmpeg: Path | None = None
    engines: EngineOptions = field(default_factory=EngineOptions)
    models: Path = field(default_factory=_own_models)
    hub: str = _HUB
    hub_cache: Path = field(default_factory=_hub_cache)
    analyser: str | None = None
    encoder: str | None = None
    words: Path | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read CUESMITH_FFMPEG, CUESMITH_MAX_DURATION_S, CUESMITH_MODELS, CUESMITH_HUB, CUESMITH_ANALYSER,
        CUESMITH_ENCODER, CUESMITH_WORDS, what _engines reads, and the hub's own HF_HUB_CACHE and HF_HOME.

        Raises InputError for a bad value.
        """
        env = os.environ if env is None else env
        limits = MediaLimits()
        if "CUESMITH_MAX_DURATION_S" in env:
            limits = MediaLimits(duration_s=_positive(env, "CUESMITH_MAX_DURATION_S"))
        models = _folder(env, "CUESMITH_MODELS")
        return cls(
            limits=limits,
            ffmpeg=_file(env, "CUESMITH_FFMPEG"),
            engines=_engines(env, models),
            models=models or _own_models(),
            hub=_address(env, "CUESMITH_HUB") or _HUB,
            hub_cache=_folder(env, "HF_HUB_CACHE") or _folder(env, "HF_HOME", "hub") or _hub_cache(),
            analyser=env.get("CUESMITH_ANALYSER") or None,
            encoder=env.get("CUESMITH_ENCODER") or None,
            words=_file(env, "CUESMITH_WORDS"),
        )


def environment() -> Mapping[str, str]:
    """The environment, for the settings of what lies above this package; nothing else reads it."""
    return os.environ


def child_environment() -> dict[str, str]:
    """The little of the environment that child processes need to load their libraries; nothing secret, no proxies."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _engines(env: Mapping[str, str], models: Path | None) -> EngineOptions:
    """models: a folder of models that is not where engines look by themselves.

    CUESMITH_SOUNDFONT, and for ace-step-v1 CUESMITH_CHECKPOINT, CUESMITH_VOCABULARY, CUESMITH_DEVICE,
    CUESMITH_PRECISION, CUESMITH_LORA, CUESMITH_LORA_WEIGHT, CUESMITH_STEPS and CUESMITH_GUIDANCE_SCALE."""
    sampling: dict[str, object] = {}
    if "CUESMITH_STEPS" in env:
        sampling["steps"] = round(_positive(env, "CUESMITH_STEPS"))
    if "CUESMITH_GUIDANCE_SCALE" in env:
        sampling["guidance_scale"] = _positive(env, "CUESMITH_GUIDANCE_SCALE")
    return EngineOptions(
        soundfont=_file(env, "CUESMITH_SOUNDFONT"),
        checkpoint=_place(env, "CUESMITH_CHECKPOINT") or _downloaded(models, "ace-step-v1"),
        vocabulary=_file(env, "CUESMITH_VOCABULARY"),
        device=env.get("CUESMITH_DEVICE") or None,
        precision=env.get("CUESMITH_PRECISION") or None,
        lora=_place(env, "CUESMITH_LORA"),
        lora_weight=_positive(env, "CUESMITH_LORA_WEIGHT") if "CUESMITH_LORA_WEIGHT" in env else None,
        sampling=sampling,
    )


def _positive(env: Mapping[str, str], name: str) -> float:
    try:
        value = float(env[name])
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise InputError(f"{name} is {env[name]!r}", "Set it to a number above 0, or unset it")
    return value


def _file(env: Mapping[str, str], name: str) -> Path | None:
    if not env.get(name):
        return None
    path = Path(env[name]).expanduser()
    if not path.is_file():
        raise InputError(f"{name} is {env[name]!r}, which is not a file", "Point it at a file, or unset it")
    return path.resolve()


def _place(env: Mapping[str, str], name: str) -> Path | None:
    """A file or a folder."""
    if not env.get(name):
        return None
    path = Path(env[name]).expanduser()
    if not path.exists():
        raise InputError(f"{name} is {env[name]!r}, which is not there", "Point it at a file or folder, or unset it")
    return path.resolve()


def _downloaded(models: Path | None, name: str) -> Path | None:
    """What `cuesmith models download` put there; the file looked for comes after all of the weights."""
    folder = models / name if models is not None else None
    return folder if folder is not None and (folder / "ace_step_transformer" / "config.json").is_file() else None


def _folder(env: Mapping[str, str], name: str, inside: str = "") -> Path | None:
    """A folder that need not be there yet."""
    return (Path(env[name]).expanduser() / inside).absolute() if env.get(name) else None


def _address(env: Mapping[str, str], name: str) -> str | None:
    """An address of the web; unencrypted only on this machine."""
    if not env.get(name):
        return None
    try:
        parts = urlsplit(env[name])
        host, _ = parts.hostname or "", parts.port  # a port that is none raises too
    except ValueError:
        parts, host = urlsplit(""), ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)
    if not is_safe or not _HOST.fullmatch(host) or not env[name].isprintable():
        raise InputError(f"{name} is {env[name]!r}", "Set it to an address that starts with https://, or unset it")
    return env[name].rstrip("/")
