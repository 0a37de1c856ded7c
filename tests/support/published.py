"""A small model as a hub would publish it, and the settings that fetch it from there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from range_server import RangeServer

from pipeline.models.catalogue import Model
from pipeline.settings import Settings
from scoring.pins import PinnedFile

REPOSITORY = "somebody/tiny"


def safetensors_bytes(size_bytes: int = 300_000) -> bytes:
    """A whole safetensors file with one tensor of about that size."""
    count = max(1, size_bytes // 4)
    header = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    body = b"".join(index.to_bytes(4, "little") for index in range(count))
    return len(header).to_bytes(8, "little") + header + body


WEIGHTS = safetensors_bytes()
CONFIG = b'{"model_type": "clip"}'


def pinned(path: str, body: bytes | None = None, **more: object) -> PinnedFile:
    """A row of the table; with a body, one whose hash and size are known."""
    known = {} if body is None else {"sha256": hashlib.sha256(body).hexdigest(), "size_bytes": len(body)}
    return PinnedFile(repository=REPOSITORY, path=path, verified=False, source="a test", **{**known, **more})  # type: ignore[arg-type]


def model_of(*files: PinnedFile, name: str = "tiny") -> Model:
    """A model of those files."""
    return Model(name, "encoder", "for tests", files, "MIT")


def tiny_model(hub: RangeServer) -> Model:
    """Weights whose hash is known and a configuration whose hash is not, served."""
    hub.serve(REPOSITORY, "model.safetensors", WEIGHTS)
    hub.serve(REPOSITORY, "config.json", CONFIG)
    return model_of(pinned("model.safetensors", WEIGHTS), pinned("config.json"))


def settings_for(hub: RangeServer | str, folder: Path) -> Settings:
    """Everything below one folder."""
    address = hub if isinstance(hub, str) else hub.address
    return Settings(models=folder / "models", hub=address, hub_cache=folder / "hub")
