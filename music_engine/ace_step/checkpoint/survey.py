"""What lies at a path, told from names and headers alone. Imports no torch."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from music_engine.ace_step.checkpoint.header import PICKLED_SUFFIXES, Entry, Header, read_header
from music_engine.ace_step.checkpoint.parts import PARTS, Part, PartName
from scoring.errors import CheckpointRefused

Layout = Literal["folder", "single file", "LoRA", "one part", "none"]

CONFIG_KEY = "cuesmith.config."  # before a part's name in a single file's metadata: its config.json
SPIECE_KEY = "text_encoders.spiece_model"
_PASSED_OVER = ("text_encoders.umt5base.logit_scale", SPIECE_KEY)
# Sizes of one part that are another's too.
_AGREEING: tuple[tuple[PartName, str, PartName, str], ...] = (
    ("transformer", "text_embedding_dim", "text_encoder", "d_model"),
    ("transformer", "in_channels", "dcae", "latent_channels"),
    ("transformer", "out_channels", "dcae", "latent_channels"),
)
_LORA_MARKS = (".lora_A.", ".lora_B.", ".lora_down.", ".lora_up.")
_MAX_CONFIG_BYTES = 1 << 20
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 16
_ADVICE = "Give the folder of ACE-Step/ACE-Step-v1-3.5B, or ComfyUI's single file of it"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one part's tensors are. config_origin: for people."""

    part: Part
    header: Header
    prefix: str
    config: Mapping[str, Any]
    config_origin: str

    def entries(self) -> dict[str, Entry]:
        """The part's tensors under the part's own names."""
        cut = len(self.prefix)
        return {name[cut:]: e for name, e in self.header.entries.items() if name.startswith(self.prefix)}


@dataclass(frozen=True, slots=True)
class Survey:
    """explanation: one sentence for people. problems: parts that cannot be opened, and why. tokenizer: a file, or the
    single file itself. strays: names in a single file that belong to no part.
    """

    path: Path
    layout: Layout
    explanation: str
    sources: Mapping[PartName, Source] = field(default_factory=dict)
    problems: Mapping[PartName, CheckpointRefused] = field(default_factory=dict)
    tokenizer: Path | None = None
    strays: tuple[str, ...] = ()

    def refusal(self) -> CheckpointRefused | None:
        """Why it cannot be loaded, as far as headers tell without comparing tensors; None when it may be."""
        if self.layout not in ("folder", "single file"):
            return CheckpointRefused(self.explanation, _ADVICE)
        for problem in self.problems.values():
            return problem
        for first, key, second, other in _AGREEING:
            found, expected = self.sources[first].config.get(key), self.sources[second].config.get(other)
            if found != expected:
                return CheckpointRefused(
                    f"{self.path}: {key} of the {PARTS[first].title} is {found}, "
                    f"{other} of the {PARTS[second].title} {expected}",
                    "Take all parts from the same checkpoint",
                )
        if self.strays:
            return CheckpointRefused(
                f"{self.path}: {self.strays[0]}: found {len(self.strays)} tensors of no part, expected none",
                _ADVICE,
            )
        if self.tokenizer is None:
            return CheckpointRefused(
                f"{self.path}: the text encoder's tokenizer is missing", "Add umt5-base/tokenizer.json"
            )
        return None

    def identity(self) -> str:
        """Hex that changes when the checkpoint does: of headers, configurations, sizes and samples of the tensors."""
        found = hashlib.sha256()
        for source in self.sources.values():
            found.update(json.dumps(source.config, sort_keys=True).encode())
        for header in {source.header.path: source.header for source in self.sources.values()}.values():
            found.update(f"{header.digest} {header.file_bytes} ".encode())
            for block in _samples(header):
                found.update(block)
        if self.tokenizer is not None and self.tokenizer.suffix == ".json":
            found.update(self.tokenizer.read_bytes())
        return found.hexdigest()


def survey(path: Path) -> Survey:
    """Look at a file or a folder. Never raises CheckpointRefused; what is wrong stands in the answer."""
    try:
        return _folder(path) if path.is_dir() else _file(path)
    except CheckpointRefused as error:
        return Survey(path, "none", error.what)
    except OSError as error:
        return Survey(path, "none", f"{path} cannot be read: {error.strerror or error}")


def _folder(path: Path) -> Survey:
    if any((path / part.folder).is_dir() for part in PARTS.values()):
        return _parts_folder(path)
    inside = sorted(child.name for child in path.iterdir())
    if not inside:
        return Survey(path, "none", f"{path} is empty")
    deeper = _deeper(path)
    if deeper is not None:
        return Survey(path, "none", f"{path} has no checkpoint itself, but {deeper} in it has")
    files = [child for child in sorted(path.iterdir()) if child.suffix == ".safetensors"]
    if len(files) == 1:
        return _file(files[0])
    pickled = [name for name in inside if name.endswith(PICKLED_SUFFIXES)]
    if pickled and not files:
        return Survey(path, "none", f"{path} has only pickled weights ({pickled[0]}), which are never opened")
    shown = ", ".join(inside[:6]) + (f" and {len(inside) - 6} more" if len(inside) > 6 else "")
    wanted = ", ".join(part.folder for part in PARTS.values())
    return Survey(path, "none", f"{path} has none of the folders {wanted}; it has {shown}")


def _deeper(path: Path) -> Path | None:
    """Where a download tool put the checkpoint, when not here: in a snapshot or a folder of the repository's name."""
    mark = PARTS["transformer"].folder
    for pattern in (f"*/{mark}", f"snapshots/*/{mark}", f"*/snapshots/*/{mark}"):
        for found in sorted(path.glob(pattern)):
            return found.parent
    return None


def _parts_folder(path: Path) -> Survey:
    sources: dict[PartName, Source] = {}
    problems: dict[PartName, CheckpointRefused] = {}
    for part in PARTS.values():
        try:
            header = read_header(_weights(path / part.folder, part))
            config = _config(path / part.folder / "config.json")
            sources[part.name] = Source(part, header, "", config, "config.json")
        except CheckpointRefused as error:
            problems[part.name] = error
    tokenizer = path / PARTS["text_encoder"].folder / "tokenizer.json"
    return Survey(
        path,
        "folder",
        "a folder in the published layout",
        sources,
        problems,
        tokenizer if tokenizer.is_file() else None,
    )


def _weights(folder: Path, part: Part) -> Path:
    path = folder / part.file
    if path.is_file():
        return path
    if not folder.is_dir():
        raise CheckpointRefused(f"{folder} is missing, the {part.title}", _ADVICE)
    inside = sorted(child.name for child in folder.iterdir())
    pickled = [name for name in inside if name.endswith(PICKLED_SUFFIXES)]
    if pickled:
        read_header(folder / pickled[0])  # raises, and says why it is not opened
    raise CheckpointRefused(
        f"{path} is missing; found {', '.join(inside[:6]) or 'nothing'} there, expected {part.file}", _ADVICE
    )


def _config(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _MAX_CONFIG_BYTES:
            raise CheckpointRefused(
                f"{path} has {path.stat().st_size} bytes, at most {_MAX_CONFIG_BYTES} are read", _ADVICE
            )
        return _json_table(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise CheckpointRefused(f"{path} cannot be read: {error.strerror or error}", _ADVICE) from error
    except UnicodeDecodeError as error:
        raise CheckpointRefused(f"{path} is not text: {error}", _ADVICE) from error


def _json_table(text: str, where: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointRefused(f"{where} is not JSON: {error}", _ADVICE) from error
    if not isinstance(found, dict):
        raise CheckpointRefused(f"{where} is {type(found).__name__}, expected a table", _ADVICE)
    return found


def _file(path: Path) -> Survey:
    if not path.exists():
        return Survey(path, "none", f"there is nothing at {path}")
    header = read_header(path)
    names = header.entries
    if PARTS["transformer"].prefix + PARTS["transformer"].mark in names:
        return _single_file(path, header)
    if any(mark in name for name in names for mark in _LORA_MARKS):
        return Survey(path, "LoRA", f"{path} is a LoRA of {len(names)} tensors, to be added to a checkpoint")
    for part in PARTS.values():
        if part.mark in names:
            explanation = f"{path} is the {part.title} alone, one of the {len(PARTS)} parts of a checkpoint"
            return Survey(path, "one part", explanation)
    first = ", ".join(list(names)[:3]) or "no tensors"
    return Survey(path, "none", f"{path} is another model: {len(names)} tensors, {first}")


def _single_file(path: Path, header: Header) -> Survey:
    sources: dict[PartName, Source] = {}
    problems: dict[PartName, CheckpointRefused] = {}
    for part in PARTS.values():
        try:
            if part.prefix + part.mark not in header.entries:
                raise CheckpointRefused(f"{path}: {part.prefix}{part.mark} is missing, the {part.title}", _ADVICE)
            config, origin = _carried_config(part, header)
            sources[part.name] = Source(part, header, part.prefix, config, origin)
        except CheckpointRefused as error:
            problems[part.name] = error
    prefixes = tuple(part.prefix for part in PARTS.values())
    strays = [name for name in header.entries if not name.startswith(prefixes) and name not in _PASSED_OVER]
    tokenizer = path if SPIECE_KEY in header.entries else None
    return Survey(path, "single file", "ComfyUI's single file", sources, problems, tokenizer, tuple(strays))


def _carried_config(part: Part, header: Header) -> tuple[Mapping[str, Any], str]:
    """ComfyUI's files carry none, so the published sizes hold; ours may carry another."""
    key = CONFIG_KEY + part.name
    if key in header.metadata:
        return _json_table(header.metadata[key], f"{header.path}: {key}"), "the file's metadata"
    return published_configs()[part.name], "the published model's"


@cache
def published_configs() -> Mapping[str, Mapping[str, Any]]:
    """The 3.5B model's configuration of each part."""
    data = resources.files("music_engine.ace_step") / "data" / "published_configs.toml"
    return tomllib.loads(data.read_text(encoding="utf-8"))


def _samples(header: Header) -> Iterator[bytes]:
    """Blocks spread over the tensors' bytes: two fine-tunes have the same header and other numbers."""
    span = header.file_bytes - header.data_bytes
    with header.path.open("rb") as file:
        for index in range(_SAMPLES):
            file.seek(header.data_bytes + max(0, span - _SAMPLE_BYTES) * index // (_SAMPLES - 1))
            yield file.read(_SAMPLE_BYTES)
